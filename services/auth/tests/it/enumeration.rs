//! Nobody learns which addresses exist: known, unproved and unknown ones get the same answers.

use serde_json::json;
use witan_testkit::Answer;

use crate::world::{PASSWORD, World};

/// Headers that differ from request to request whatever the address is.
const OF_THE_REQUEST: [&str; 7] =
    ["date", "x-request-id", "x-trace-id", "ratelimit", "server-timing", "retry-after", "traceparent"];

/// What a client can tell answers apart by.
fn visible(answer: &Answer) -> (u16, Vec<(String, String)>, serde_json::Value) {
    let mut json = answer.json.clone();
    for member in ["requestId", "traceId"] {
        json.as_object_mut().unwrap().remove(member);
    }
    let headers = answer.headers.iter().filter(|(name, _)| !OF_THE_REQUEST.contains(&name.as_str()));
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    (answer.status.as_u16(), headers, json)
}

async fn all_alike(world: &World, path: &str, password: Option<&str>) {
    world.person("known@example.org").await;
    world.register("pending@example.org").await;
    world.jobs_done().await;
    let mut answers = Vec::new();
    for email in ["known@example.org", "pending@example.org", "absent@example.org"] {
        let mut body = json!({ "email": email });
        if let Some(password) = password {
            body["password"] = password.into();
        }
        answers.push(visible(&world.anon().post(path, body).await));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test]
async fn registering_tells_nothing() {
    all_alike(&World::start().await, "/api/v1/auth/register", Some("another fine passphrase")).await;
}

#[tokio::test]
async fn logging_in_tells_nothing() {
    all_alike(&World::start().await, "/api/v1/auth/login", Some("another fine passphrase")).await;
}

#[tokio::test]
async fn asking_for_a_mail_tells_nothing() {
    all_alike(&World::start().await, "/api/v1/auth/resend-verification", None).await;
}

#[tokio::test]
async fn asking_for_a_new_password_tells_nothing() {
    all_alike(&World::start().await, "/api/v1/auth/request-password-reset", None).await;
}

#[tokio::test]
async fn registering_and_then_logging_in_tells_nothing() {
    let world = World::start().await;
    world.person("known@example.org").await;
    let mine = "a passphrase of somebody curious";
    let mut answers = Vec::new();
    for email in ["known@example.org", "absent@example.org"] {
        world.register_with(email, mine).await;
        answers.push(visible(&world.login(email, mine).await));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, 403);
    let _ = world.login("known@example.org", PASSWORD).await.expect(200);
}
