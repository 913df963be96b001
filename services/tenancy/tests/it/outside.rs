//! Tokens of issuers that auth trusts, in place of ours.

use chrono::TimeDelta;
use serde_json::json;
use witan_access::{OutsideTokenRecord, OutsideTokenVerdict};
use witan_clock::ManualClock;
use witan_events::contracts::auth::v1::SessionRevoked;
use witan_ids::SessionId;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService, eventually, tokens};

use crate::{join, settle};

const ISSUER: &str = "https://issuer.example";
const LIST: &str = "/api/v1/startups";

/// What auth says of tokens of somebody who is here.
fn record(service: &TestService<Tenancy>, person: &Client) -> OutsideTokenRecord {
    let now = service.clock().now();
    OutsideTokenRecord {
        user_id: person.user.unwrap(),
        session_id: SessionId::generate(service.clock()),
        default_workspace_id: Some(person.workspace()),
        expires_at: now + TimeDelta::minutes(5),
        authenticated_at: now,
        methods: vec!["fed".to_owned()],
        platform_admin: false,
    }
}

fn asked(service: &TestService<Tenancy>, path: &str) -> usize {
    service.peers().asked().iter().filter(|asked| asked.request.contains(path)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_taken_where_it_is_shown_until_its_session_is_ended() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    service.listening().await;
    let (record, shown) = (record(&service, &ada), tokens::outside(ISSUER, "ada"));
    service.peers().trust(ISSUER);
    service.peers().outside_token(&shown, OutsideTokenVerdict::Accepted(record.clone()));
    let outside = service.anon().with_token(&shown);
    for _ in 0..3 {
        let _ = outside.get(LIST).await.expect(200);
    }
    let made = outside.post(LIST, json!({"name": "Analytical Engines"})).await.expect(201);
    let _ = ada.get(&format!("{LIST}/{}", made.text_at("/id"))).await.expect(200);
    assert_eq!((asked(&service, "/internal/issuers"), asked(&service, "/internal/outside-tokens")), (1, 1));

    let ended = SessionRevoked {
        session_id: record.session_id.to_string(),
        user_id: record.user_id.to_string(),
        reason: "LOGOUT".to_owned(),
        access_expires_at: Some((service.clock().now() + TimeDelta::minutes(15)).into()),
    };
    service.tell(None, &ended.session_id, &ended).await;
    eventually("the news has come", async || outside.get(LIST).await.status == 401).await;
    outside.get(LIST).await.expect_problem(401, "access.session_ended");
    assert_eq!(asked(&service, "/internal/outside-tokens"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_auth_does_not_take_is_refused_as_ours_would_be() {
    let service = TestService::<Tenancy>::start().await;
    // What it asked before it hears of events, it would ask again.
    service.listening().await;
    service.peers().trust(ISSUER);
    let verdicts = [
        (OutsideTokenVerdict::Expired, "access.token_expired"),
        (OutsideTokenVerdict::Ended, "access.session_ended"),
        (OutsideTokenVerdict::Refused, "access.token_invalid"),
    ];
    for (verdict, code) in verdicts {
        let shown = tokens::outside(ISSUER, code);
        service.peers().outside_token(&shown, verdict);
        for _ in 0..3 {
            let refused = service.anon().with_token(&shown).get(LIST).await.expect_problem(401, code);
            assert!(refused.header("www-authenticate").contains("invalid_token"));
        }
    }
    assert_eq!(asked(&service, "/internal/outside-tokens"), 3);
    for n in 0..5 {
        let made_up = tokens::outside("https://evil.example", &n.to_string());
        service.anon().with_token(&made_up).get(LIST).await.expect_problem(401, "access.token_invalid");
    }
    assert_eq!((asked(&service, "/internal/issuers"), asked(&service, "/internal/outside-tokens")), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_auth_is_away_nobody_new_is_let_in_nor_called_a_liar() {
    let time = ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap());
    let service = TestService::<Tenancy>::start_with(|builder| builder.clock(time.clock())).await;
    let ada = settle(&service, "Ada").await;
    let (record, shown) = (record(&service, &ada), tokens::outside(ISSUER, "ada"));
    service.peers().trust(ISSUER);
    service.peers().outside_token(&shown, OutsideTokenVerdict::Accepted(record));
    let outside = service.anon().with_token(&shown);
    let _ = outside.get(LIST).await.expect(200);
    service.peers().set_away(true);
    let another = service.anon().with_token(tokens::outside(ISSUER, "eve"));
    another.get(LIST).await.expect_problem(503, "dependency.unavailable");
    let _ = outside.get(LIST).await.expect(200);
    time.advance(std::time::Duration::from_secs(5 * 60));
    outside.get(LIST).await.expect_problem(503, "dependency.unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_a_workspace_hold_for_them_too() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let (record, theirs) = (record(&service, &ada), record(&service, &bob));
    let (shown, bobs) = (tokens::outside(ISSUER, "ada"), tokens::outside(ISSUER, "bob"));
    service.peers().trust(ISSUER);
    service.peers().outside_token(&bobs, OutsideTokenVerdict::Accepted(theirs));
    service.peers().outside_token(&shown, OutsideTokenVerdict::Accepted(record));
    let outside = service.anon().with_token(&shown);
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    let rule = json!({ "requireSecondFactor": true });
    outside.patch(&path, &rule).await.expect_problem(403, "access.second_factor_required");
    let bob = service.anon().with_token(&bobs).in_workspace(ada.workspace());
    bob.patch(&path, json!({ "name": "Bob's" })).await.expect_problem(403, "access.permission_denied");
    let _ = outside.get(&path).await.expect(200);
}
