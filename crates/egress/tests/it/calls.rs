//! Calls that are answered whole: redirects, bounds, deadlines, tracing.

use std::time::Duration;

use http::{HeaderValue, Method, header};
use witan_egress::{EgressError, Outgoing};

use crate::peer::{Peer, Step, development, say};

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let target = Peer::start(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]);
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = target.url("/stolen");
        let peer = Peer::start(vec![say(&format!(
            "HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
        ))]);
        let answer = development().guarded().send(Outgoing::post_json(peer.url("/"), "{}")).await.unwrap();
        assert!(answer.status.is_redirection());
    }
    assert!(target.requests().is_empty());
}

#[tokio::test]
async fn reading_stops_at_the_bound() {
    let peer = Peer::start(vec![say("HTTP/1.1 200 OK\r\n\r\n"), Step::Repeat(vec![b'a'; 4096])]);
    let request = Outgoing::new(Method::GET, peer.url("/")).max_response_bytes(10_000);
    let answer = development().guarded().send(request).await.unwrap();
    assert_eq!(answer.body.len(), 10_000);
    assert!(answer.truncated);
}

/// A compressed answer stays compressed, so that its size on the wire is its size in memory.
#[tokio::test]
async fn nothing_is_decompressed_or_asked_for_compressed() {
    let peer = Peer::start(vec![say(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x0bxx",
    )]);
    let answer = development().guarded().send(Outgoing::new(Method::GET, peer.url("/"))).await.unwrap();
    assert_eq!(&answer.body[..], b"\x1f\x0bxx");
    assert!(!peer.requests()[0].to_ascii_lowercase().contains("accept-encoding"));
}

#[tokio::test]
async fn one_deadline_covers_headers_and_body() {
    let quick = Duration::from_millis(200);
    let never = Step::Wait(Duration::from_secs(30));
    let drip: Vec<Step> = (0..100).flat_map(|_| [say("a"), Step::Wait(Duration::from_millis(50))]).collect();
    let scripts = [
        vec![never.clone()],
        vec![say("HTTP/1.1 200 OK\r\nx-slow: "), never.clone()],
        vec![say("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"), never],
        [vec![say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n")], drip].concat(),
    ];
    for script in scripts {
        let peer = Peer::start(script);
        let request = Outgoing::new(Method::GET, peer.url("/")).timeout(quick);
        let error = development().guarded().send(request).await.unwrap_err();
        assert!(matches!(error, EgressError::Timeout(_)), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    let peer = Peer::start(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")]);
    let error = development().guarded().send(Outgoing::new(Method::GET, peer.url("/"))).await.unwrap_err();
    assert!(matches!(error, EgressError::Broken(_)), "{error:?}");
    assert!(!error.never_sent());
}

#[tokio::test]
async fn the_secret_in_a_path_is_in_no_error() {
    let peer = Peer::start(vec![say("nonsense\r\n\r\n")]);
    let error =
        development().guarded().send(Outgoing::new(Method::GET, peer.url("/hook/s3cret"))).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"));
}

#[tokio::test]
async fn framing_headers_of_a_caller_are_dropped() {
    let peer = Peer::start(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]);
    let request = Outgoing::post_json(peer.url("/"), "{}")
        .header(header::HOST, HeaderValue::from_static("evil.example"))
        .header(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    development().guarded().send(request).await.unwrap();
    let heard = peer.requests()[0].to_ascii_lowercase();
    assert!(heard.contains(&format!("host: 127.0.0.1:{}", peer.port)) && !heard.contains("evil"));
    assert!(heard.contains("content-length: 2") && !heard.contains("transfer-encoding"));
}
