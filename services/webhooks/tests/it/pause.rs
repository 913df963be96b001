//! Endpoints that rest for a while.

use serde_json::json;
use witan_testkit::sink;

use crate::{ENDPOINTS, delivery_in, endpoint, startup, webhooks};

#[tokio::test]
async fn a_paused_endpoint_gets_everything_when_it_resumes() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    admin.patch(&path, json!({ "paused": true })).await.expect(200);
    let event = startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "HELD").await;
    admin.post(&format!("{path}/test"), json!({})).await.expect(202);
    assert!(partner.received().is_empty());
    admin.patch(&path, json!({ "paused": false })).await.expect(200);
    let mut ids: Vec<String> =
        partner.wait_for(2).await.iter().map(|received| received.header("webhook-id").to_owned()).collect();
    ids.sort();
    assert!(ids.contains(&event.id.to_string()));
    delivery_in(&admin, &made, "SUCCEEDED").await;
}
