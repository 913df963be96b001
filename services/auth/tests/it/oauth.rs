//! The token endpoint of OAuth 2.0, for clients that know nothing else.

use reqwest::Method;
use serde_json::json;
use witan_testkit::Answer;

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const TOKEN: &str = "/api/v1/auth/token";
const LOGIN: &str = "/api/v1/auth/login";

async fn send(world: &World, path: &str, form: &[(&str, &str)]) -> Answer {
    let anon = world.anon();
    anon.send(anon.request(Method::POST, path).form(form)).await
}

fn refused(answer: &Answer, error: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.json["error"].as_str()),
        (400, Some(error)),
        "{:?}",
        answer.json
    );
    assert!(answer.json["error_description"].is_string());
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_form_logs_in_and_refreshes_under_both_paths() {
    let world = World::start().await;
    world.person(ADA).await;
    for path in [TOKEN, LOGIN] {
        let form = [("grant_type", "password"), ("username", ADA), ("password", PASSWORD), ("scope", "")];
        let answer = send(&world, path, &form).await.expect(200);
        assert_eq!(
            (answer.text_at("/token_type").as_str(), &answer.json["expires_in"]),
            ("Bearer", &json!(900))
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        let _ = world.with_token(&answer.text_at("/access_token")).get("/api/v1/auth/me").await.expect(200);
        let form = [("grant_type", "refresh_token"), ("refresh_token", &answer.text_at("/refresh_token"))];
        let next = send(&world, TOKEN, &form).await.expect(200);
        assert_ne!(next.json["refresh_token"], answer.json["refresh_token"]);
    }
    let _ = send(&world, LOGIN, &[("username", ADA), ("password", PASSWORD)]).await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_is_said_as_the_standard_says_it() {
    let world = World::start().await;
    world.person(ADA).await;
    let long = "x".repeat(129);
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("grant_type", "password"), ("username", ADA), ("password", "wrong")], "invalid_grant"),
        (
            &[("grant_type", "password"), ("username", "absent@example.org"), ("password", "wrong")],
            "invalid_grant",
        ),
        (&[("grant_type", "password"), ("username", ADA)], "invalid_request"),
        (&[("grant_type", "password"), ("username", "ada"), ("password", "wrong")], "invalid_request"),
        (&[("grant_type", "password"), ("username", ADA), ("password", &long)], "invalid_request"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "rt_made_up")], "invalid_grant"),
        (&[("grant_type", "refresh_token")], "invalid_request"),
        (&[("grant_type", "authorization_code"), ("code", "x")], "unsupported_grant_type"),
    ];
    for (form, error) in cases {
        refused(&send(&world, TOKEN, form).await, error);
    }
    let anon = world.anon();
    let json = anon.post(TOKEN, json!({"grant_type": "password"})).await;
    refused(&json, "invalid_request");
    assert_eq!(world.count("sessions").await, 0);
}
