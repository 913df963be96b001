//! Replacing a secret without a lost delivery.

use serde_json::{Value, json};
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

#[tokio::test]
async fn a_private_key_is_never_shown_and_either_public_key_verifies_during_the_overlap() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let wish = json!({ "url": partner.url("/"), "events": ["*"], "signature": "ed25519" });
    let made = admin.post(ENDPOINTS, wish).await.expect(201).json;
    assert_eq!((&made["secret"], &made["signature"]), (&Value::Null, &json!("ed25519")));
    let first = made["publicKey"].as_str().unwrap().to_owned();
    startup(&service, service.workspace).await;
    let received = partner.wait_for(1).await;
    assert!(received[0].header("webhook-signature").starts_with("v1a,"));
    assert!(received[0].verifies_with(&first));

    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    let replaced = admin.post(&format!("{path}/regenerate-secret"), json!({})).await.expect(200).json;
    let second = replaced["publicKey"].as_str().unwrap().to_owned();
    assert_eq!(replaced["secret"], Value::Null);
    assert_eq!(admin.get(&path).await.expect(200).json["publicKey"], json!(second));
    startup(&service, service.workspace).await;
    let received = partner.wait_for(2).await;
    assert!(received[1].verifies_with(&first) && received[1].verifies_with(&second));

    let now = json!({ "overlapSeconds": 0 });
    let third = admin.post(&format!("{path}/regenerate-secret"), now).await.expect(200).text_at("/publicKey");
    startup(&service, service.workspace).await;
    let received = partner.wait_for(3).await;
    assert!(received[2].verifies_with(&third));
    assert!(!received[2].verifies_with(&first) && !received[2].verifies_with(&second));
}

#[tokio::test]
async fn a_signature_is_chosen_once() {
    let service = webhooks().await;
    let admin = service.admin();
    let made = endpoint(&admin, "http://127.0.0.1:8080/", &["*"]).await;
    assert_eq!((&made["signature"], &made["publicKey"]), (&json!("hmac-sha256"), &Value::Null));
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    admin.patch(&path, json!({ "signature": "ed25519" })).await.expect_problem(422, "validation.failed");
    let other = json!({ "url": "http://127.0.0.1:8080/", "events": ["*"], "signature": "rsa" });
    admin.post(ENDPOINTS, other).await.expect_problem(422, "validation.failed");
}
