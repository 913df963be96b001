//! Replacing a secret without a lost delivery.

use serde_json::json;
use witan_testkit::sink;

use crate::{ENDPOINTS, endpoint, startup, verifies, webhooks};

#[tokio::test]
async fn during_the_overlap_either_secret_verifies() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    let first = made["secret"].as_str().unwrap();
    let path = format!("{ENDPOINTS}/{}/regenerate-secret", made["id"].as_str().unwrap());
    let second = admin.post(&path, json!({})).await.expect(200).text_at("/secret");
    startup(&service, service.workspace).await;
    let received = partner.wait_for(1).await;
    assert_eq!(received[0].header("webhook-signature").split(' ').count(), 2);
    assert!(verifies(&received[0], first) && verifies(&received[0], &second));

    // A third one ends the first, whatever overlap it had left; without overlap the second ends too.
    let third = admin.post(&path, json!({ "overlapSeconds": 0 })).await.expect(200).text_at("/secret");
    startup(&service, service.workspace).await;
    let received = partner.wait_for(2).await;
    assert!(verifies(&received[1], &third));
    assert!(!verifies(&received[1], first) && !verifies(&received[1], &second));
}

#[tokio::test]
async fn an_overlap_is_a_week_at_most() {
    let service = webhooks().await;
    let admin = service.admin();
    let made = endpoint(&admin, "http://127.0.0.1:8080/", &["*"]).await;
    let path = format!("{ENDPOINTS}/{}/regenerate-secret", made["id"].as_str().unwrap());
    admin.post(&path, json!({ "overlapSeconds": 604_801 })).await.expect_problem(422, "validation.failed");
}
