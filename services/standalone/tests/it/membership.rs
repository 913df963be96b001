//! A change of a member's role or status is felt in every service within two seconds, though each decides in memory.

use reqwest::Method;
use serde_json::{Value, json};
use witan_testkit::eventually;

use crate::world::{Person, World};

/// Something that every ADMIN may read, in each service that has anything of workspaces.
const READS: [(&str, &str); 5] = [
    ("tenancy", "/api/v1/projects"),
    ("chat", "/api/v1/conversations"),
    ("council", "/api/v1/agents/runs"),
    ("billing", "/api/v1/usage"),
    ("webhooks", "/api/v1/webhooks/endpoints"),
];

/// Waits until every service answers so.
async fn everywhere(world: &World, person: &Person, status: u16) {
    for (service, path) in READS {
        let client = world.client(service, person);
        eventually(&format!("{service} answers {status}"), async || {
            client.get(path).await.status.as_u16() == status
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_members_place_is_felt_everywhere() {
    let world = World::start().await;
    let joan = world.without("personas:read");
    let ada = world.client("tenancy", &world.ada);
    let member = format!("/api/v1/workspaces/{}/members/{}", world.ada.workspace, joan.user);
    let change = async |method: Method, path: &str, body: Value| {
        let answer = ada.send(ada.request(method, path).json(&body)).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
    };
    everywhere(&world, joan, 403).await;
    change(Method::PATCH, &member, json!({ "role": "ADMIN" })).await;
    everywhere(&world, joan, 200).await;
    change(Method::POST, &format!("{member}/deactivate"), json!(null)).await;
    everywhere(&world, joan, 404).await;
    change(Method::POST, &format!("{member}/activate"), json!(null)).await;
    everywhere(&world, joan, 200).await;
    change(Method::PATCH, &member, json!({ "role": "MEMBER" })).await;
    let webhooks = world.client("webhooks", joan);
    eventually("what only an ADMIN reads is closed", async || webhooks.get(READS[4].1).await.status == 403)
        .await;
    change(Method::DELETE, &member, json!(null)).await;
    everywhere(&world, joan, 404).await;
}
