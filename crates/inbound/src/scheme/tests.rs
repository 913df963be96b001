use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use standardwebhooks::Webhook;
use witan_web::Raw;

use super::*;
use crate::KeyError;

const BODY: &[u8] = br#"{"b": 1, "a": 2}"#;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr";
const OTHER: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDC2FVsBQIhrsc";

fn request(headers: &[(&str, &str)], body: &'static [u8]) -> Raw {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    Raw { headers: map, body: body.into() }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn standard(id: &str, timestamp: &str, signature: &str) -> Raw {
    request(&[("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", signature)], BODY)
}

fn official(secret: &str) -> String {
    Webhook::new(secret).unwrap().sign("msg_1", 1_700_000_000, BODY).unwrap()
}

fn keys(texts: &[&str]) -> Vec<Key> {
    texts.iter().map(|text| Key::parse(text).unwrap()).collect()
}

#[test]
fn what_the_official_library_signs_is_believed() {
    let verify =
        |request: &Raw, keys: &[Key]| Scheme::StandardWebhooks.verify(request, keys, at(1_700_000_010));
    let signed = standard("msg_1", "1700000000", &official(SECRET));
    let found = verify(&signed, &keys(&[SECRET])).unwrap();
    assert_eq!(found, Signed { id: Some("msg_1".to_owned()), at: Some(at(1_700_000_000)) });
    // During a rotation, of ours or of theirs.
    assert!(verify(&signed, &keys(&[OTHER, SECRET])).is_ok());
    let both = format!("v1,bm9uZQ== v2,xx {} {}", official(OTHER), official(SECRET));
    assert!(verify(&standard("msg_1", "1700000000", &both), &keys(&[SECRET])).is_ok());
    assert_eq!(verify(&signed, &keys(&[OTHER])), Err(Refused::Signature));
    assert_eq!(verify(&signed, &[]), Err(Refused::Signature));
}

#[test]
fn nothing_that_is_signed_may_differ() {
    let signature = official(SECRET);
    let verify =
        |request: &Raw| Scheme::StandardWebhooks.verify(request, &keys(&[SECRET]), at(1_700_000_000));
    assert_eq!(verify(&standard("msg_2", "1700000000", &signature)), Err(Refused::Signature));
    assert_eq!(verify(&standard("msg_1", "1700000001", &signature)), Err(Refused::Signature));
    let again =
        Raw { body: (&br#"{"a":2,"b":1}"#[..]).into(), ..standard("msg_1", "1700000000", &signature) };
    assert_eq!(verify(&again), Err(Refused::Signature), "the same JSON in other bytes");
    for (id, timestamp) in [
        ("msg.1", "1700000000"),
        ("", "1700000000"),
        ("msg_1", "+1700000000"),
        ("msg_1", "1e9"),
        ("msg_1", ""),
    ] {
        assert!(
            matches!(verify(&standard(id, timestamp, &signature)), Err(Refused::Header(_))),
            "{id} {timestamp}"
        );
    }
    let mut twice = standard("msg_1", "1700000000", &signature);
    twice.headers.append(HeaderName::from_static("webhook-id"), HeaderValue::from_static("msg_2"));
    assert_eq!(verify(&twice), Err(Refused::Header("webhook-id")));
    assert_eq!(verify(&request(&[], BODY)), Err(Refused::Header("webhook-id")));
}

#[test]
fn the_time_may_be_five_minutes_away() {
    let signed = standard("msg_1", "1700000000", &official(SECRET));
    for (away, outcome) in [(300, true), (-300, true), (301, false), (-301, false)] {
        let now = at(1_700_000_000) + TimeDelta::seconds(away);
        let found = Scheme::StandardWebhooks.verify(&signed, &keys(&[SECRET]), now);
        assert_eq!(found.is_ok(), outcome, "{away}");
        assert!(outcome || found == Err(Refused::Stale));
        // Without the secret nobody learns what our clock says.
        let stranger = Scheme::StandardWebhooks.verify(&signed, &keys(&[OTHER]), now);
        assert_eq!(stranger, Err(Refused::Signature));
    }
}

#[test]
fn public_keys_verify_v1a_and_nothing_else() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let public = format!("whpk_{}", STANDARD.encode(pair.public_key()));
    let content = [b"msg_1.1700000000.", BODY].concat();
    let signature = STANDARD.encode(pair.sign(&content));
    let verify = |version: &str, keys: &[Key]| {
        let request = standard("msg_1", "1700000000", &format!("{version},{signature}"));
        Scheme::StandardWebhooks.verify(&request, keys, at(1_700_000_000))
    };
    assert!(verify("v1a", &keys(&[&public])).is_ok());
    assert!(verify("v1", &keys(&[&public])).is_err());
    assert!(verify("v1a", &keys(&[SECRET])).is_err());
    // The public key is no secret: who knows it must not be able to sign with it.
    let forged = Webhook::new(&public.replace("whpk_", "whsec_")).unwrap();
    let forged = forged.sign("msg_1", 1_700_000_000, BODY).unwrap();
    for version in ["v1", "v1a"] {
        let request = standard("msg_1", "1700000000", &forged.replace("v1", version));
        assert!(Scheme::StandardWebhooks.verify(&request, &keys(&[&public]), at(1_700_000_000)).is_err());
    }
}

/// Computed with `openssl dgst -sha256 -hmac whsec_test`.
const HMAC_OF_TIMESTAMP_AND_BODY: &str = "2c75d38e56d638cc631da2cb8b5710526a93fc164d69bdedb1b412cbea573f7a";
const HMAC_OF_BODY: &str = "ed46ca55d184708424e4edeae92b1dc37a8fc469a9b30c4e44f8aaf3ebc425aa";

#[test]
fn stripes_scheme() {
    let stripe_keys = [Key::shared(*b"whsec_test")];
    let verify = |header: &str, now: i64| {
        Scheme::Stripe.verify(&request(&[("stripe-signature", header)], BODY), &stripe_keys, at(now))
    };
    let good = format!("t=1700000000,v1={HMAC_OF_TIMESTAMP_AND_BODY},v0=00");
    assert_eq!(verify(&good, 1_700_000_000), Ok(Signed { id: None, at: Some(at(1_700_000_000)) }));
    assert_eq!(verify(&good, 1_700_000_301), Err(Refused::Stale));
    let two = format!("t=1700000000,v1={},v1={HMAC_OF_TIMESTAMP_AND_BODY}", "00".repeat(32));
    assert!(verify(&two, 1_700_000_000).is_ok());
    for bad in [
        good.replace("v1=", "v0="),
        good.replace("t=1700000000", "t=1700000001"),
        format!("v1={HMAC_OF_TIMESTAMP_AND_BODY}"),
        format!("{good},t=1700000000"),
        "t=1700000000".to_owned(),
        String::new(),
    ] {
        assert!(verify(&bad, 1_700_000_000).is_err(), "{bad}");
    }
}

#[test]
fn a_plain_hmac() {
    let hmac_keys = [Key::shared(*b"other"), Key::shared(*b"whsec_test")];
    let github = Hmac {
        signature: "x-hub-signature-256",
        prefix: "sha256=",
        encoding: Encoding::Hex,
        timestamp: None,
    };
    let verify = |scheme: &Hmac, headers: &[(&str, &str)]| {
        Scheme::Hmac(scheme.clone()).verify(&request(headers, BODY), &hmac_keys, at(1_700_000_000))
    };
    let header = format!("sha256={HMAC_OF_BODY}");
    let found = verify(&github, &[("x-hub-signature-256", &header)]);
    assert_eq!(found, Ok(Signed { id: None, at: None }));
    assert!(verify(&github, &[("x-hub-signature-256", HMAC_OF_BODY)]).is_err());
    assert!(verify(&github, &[("x-hub-signature-256", &format!("sha256={}", "0".repeat(64)))]).is_err());

    let stamped = Hmac {
        signature: "x-signature",
        prefix: "",
        encoding: Encoding::Base64,
        timestamp: Some("x-timestamp"),
    };
    let text = STANDARD.encode(hex::decode(HMAC_OF_TIMESTAMP_AND_BODY).unwrap());
    let with = |time: &str| verify(&stamped, &[("x-signature", &text), ("x-timestamp", time)]);
    assert!(with("1700000000").is_ok());
    assert_eq!(with("1700000001"), Err(Refused::Signature));
    assert_eq!(verify(&stamped, &[("x-signature", &text)]), Err(Refused::Header("x-timestamp")));
}

#[test]
fn keys_are_what_they_say() {
    assert_eq!(Key::parse("sec_abc").err(), Some(KeyError::Prefix));
    for bad in ["whsec_", "whsec_c2hvcnQ=", "whsec_%%%", "whpk_c2hvcnQ="] {
        assert_eq!(Key::parse(bad).err(), Some(KeyError::Content), "{bad}");
    }
    assert!(!format!("{:?}", Key::parse(SECRET).unwrap()).contains("77"), "a secret is not printed");
}
