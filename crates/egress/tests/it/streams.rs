//! Answers that come bit by bit.

use std::time::Duration;

use http::Method;
use witan_egress::{EgressError, Outgoing, Streaming};

use crate::peer::{Peer, Step, development, say};

const OPEN: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

async fn open(steps: Vec<Step>, shape: impl FnOnce(Outgoing) -> Outgoing) -> Streaming {
    let peer = Peer::start(steps);
    development().guarded().stream(shape(Outgoing::new(Method::GET, peer.url("/")))).await.unwrap()
}

#[tokio::test]
async fn pieces_arrive_and_the_end_is_clean() {
    let mut answer =
        open(vec![say(OPEN), say("3\r\none\r\n"), say("3\r\ntwo\r\n0\r\n\r\n")], |request| request).await;
    let mut text = Vec::new();
    while let Some(piece) = answer.next().await {
        text.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(text, b"onetwo");
}

#[tokio::test]
async fn a_stream_cut_short_is_an_error_and_not_an_end() {
    let mut answer = open(vec![say(OPEN), say("3\r\none\r\n")], |request| request).await;
    assert_eq!(answer.next().await.unwrap().unwrap(), "one");
    assert!(matches!(answer.next().await, Some(Err(EgressError::Broken(_)))));
}

#[tokio::test]
async fn silence_and_length_are_bounded_apart() {
    // Long enough for a busy machine to connect and answer, which the same bounds hold for; the peer stalls for longer.
    let (bound, stall) = (Duration::from_secs(2), Step::Wait(Duration::from_secs(30)));
    let stall = || vec![say(OPEN), say("3\r\none\r\n"), stall.clone()];
    let silent = async {
        let mut silent = open(stall(), |request| request.idle(bound)).await;
        assert!(silent.next().await.unwrap().is_ok());
        assert!(matches!(silent.next().await, Some(Err(EgressError::Idle(_)))));
    };
    let long = async {
        let mut long = open(stall(), |request| request.timeout(bound)).await;
        assert!(long.next().await.unwrap().is_ok());
        assert!(matches!(long.next().await, Some(Err(EgressError::Timeout(_)))));
    };
    tokio::join!(silent, long);

    let flood = vec![say(OPEN), Step::Repeat(b"5\r\naaaaa\r\n".to_vec())];
    let mut flood = open(flood, |request| request.max_response_bytes(1000)).await;
    let error = loop {
        match flood.next().await.unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(matches!(error, EgressError::TooLarge(1000)));
}
