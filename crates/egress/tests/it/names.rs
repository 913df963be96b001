//! Names that lead, or come to lead, where they must not.

use std::time::Duration;

use http::Method;
use url::Url;
use witan_egress::{Egress, EgressConfig, EgressError, Outgoing};

use crate::peer::{Peer, Script, say};

fn guarded(config: &EgressConfig, answers: &[&[&'static str]]) -> witan_egress::Guarded {
    Egress::with_lookup(config, Script::new(answers)).unwrap().guarded()
}

fn get(url: &str) -> Outgoing {
    Outgoing::new(Method::GET, Url::parse(url).unwrap()).timeout(Duration::from_secs(5))
}

#[tokio::test]
async fn a_name_that_resolves_to_a_private_address_is_blocked() {
    for answer in
        ["127.0.0.1", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254", "fd00::1", "64:ff9b::7f00:1"]
    {
        let guarded = guarded(&EgressConfig::strict(), &[&[answer]]);
        let refused = guarded.send(get("https://partner.example.com/hook")).await;
        assert!(matches!(refused, Err(EgressError::Blocked)), "{answer}: {refused:?}");
        let url = Url::parse("https://partner.example.com/hook").unwrap();
        assert!(matches!(guarded.check_address(&url).await, Err(EgressError::Blocked)), "{answer}");
    }
}

#[tokio::test]
async fn one_private_address_among_public_ones_blocks_the_answer() {
    let guarded = guarded(&EgressConfig::strict(), &[&["93.184.215.14", "10.0.0.1"]]);
    assert!(matches!(guarded.send(get("https://partner.example.com/")).await, Err(EgressError::Blocked)));
}

/// Public when it is checked at save, loopback when it is called: only the second answer is dialled, and it is refused.
#[tokio::test]
async fn a_name_that_changes_its_mind_reaches_nothing() {
    let peer = Peer::start(vec![say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")]);
    let config = EgressConfig::strict().with_http_on(&[peer.port]);
    let guarded = guarded(&config, &[&["93.184.215.14"], &["127.0.0.1"]]);
    let url = format!("http://rebind.example.com:{}/", peer.port);
    assert!(guarded.check_address(&Url::parse(&url).unwrap()).await.is_ok());
    assert!(matches!(guarded.send(get(&url)).await, Err(EgressError::Blocked)));
    assert!(peer.requests().is_empty());
}

#[tokio::test]
async fn a_network_on_the_list_is_reached_by_name() {
    let peer = Peer::start(vec![say("HTTP/1.1 204 No Content\r\n\r\n")]);
    let config =
        EgressConfig::strict().with_http_on(&[peer.port]).with_networks(&["127.0.0.0/8".parse().unwrap()]);
    let guarded = guarded(&config, &[&["127.0.0.1"]]);
    let answer = guarded.send(get(&format!("http://n8n.internal:{}/", peer.port))).await.unwrap();
    assert_eq!(answer.status, 204);
}

#[tokio::test]
async fn a_name_without_addresses_passes_at_save_and_fails_at_the_call() {
    let guarded = guarded(&EgressConfig::strict(), &[&[]]);
    let url = "https://later.example.com/";
    assert!(guarded.check_address(&Url::parse(url).unwrap()).await.is_ok());
    let error = guarded.send(get(url)).await.unwrap_err();
    assert!(matches!(error, EgressError::Connect(_)));
    assert!(error.never_sent() && error.is_transient());
}
