//! Who may do what, for every operation there is.

use serde_json::json;
use witan_host::Service as _;
use witan_ids::{DeliveryId, EndpointId, ReplayId};
use witan_testkit::{Client, sink};
use witan_webhooks::Webhooks;

use crate::{delivery_in, endpoint, startup, webhooks};

/// Asks every operation with real ids of another workspace, or with none.
async fn ask_all(person: &Client, endpoint: &str, delivery: &str, replay: &str) -> Vec<(String, u16)> {
    let mut answers = Vec::new();
    for route in Webhooks::routes().iter() {
        let path = route.path().replace("{endpointId}", endpoint).replace("{deliveryId}", delivery);
        let path = path.replace("{replayId}", replay).replace("{name}", "none");
        let request = person.request(route.method().as_str().parse().unwrap(), &path);
        let body = if route.path().ends_with("/endpoints") {
            json!({ "url": "http://127.0.0.1:8080/", "events": ["*"] })
        } else if route.path().ends_with("/replay") || route.path().ends_with("/recover") {
            json!({ "since": "2026-01-01T00:00:00Z" })
        } else if route.path().ends_with("/acknowledge") {
            json!({ "through": "none" })
        } else {
            json!({})
        };
        let request =
            if route.method() == "GET" || route.method() == "DELETE" { request } else { request.json(&body) };
        let answer = person.send(request).await;
        answers.push((format!("{} {}", route.method(), route.path()), answer.status.as_u16()));
    }
    answers
}

#[tokio::test]
async fn nobody_gets_in_and_strangers_find_nothing() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    startup(&service, service.workspace).await;
    let delivery = delivery_in(&admin, &made, "SUCCEEDED").await;
    let (endpoint, delivery) = (made["id"].as_str().unwrap(), delivery["id"].as_str().unwrap());
    let wish = json!({ "since": "2099-01-01T00:00:00Z" });
    let replay = admin.post(&format!("/api/v1/webhooks/endpoints/{endpoint}/replay"), wish).await.expect(202);
    let replay = &replay.text_at("/id");

    for (operation, status) in ask_all(&service.anon(), endpoint, delivery, replay).await {
        assert_eq!(status, 401, "{operation}");
    }
    for (operation, status) in ask_all(&service.member(), endpoint, delivery, replay).await {
        assert_eq!(status, 403, "{operation}");
    }
    for (operation, status) in ask_all(&service.other_workspace(), endpoint, delivery, replay).await {
        let expected = if operation.contains('{') {
            404
        } else if operation.starts_with("POST") {
            201
        } else {
            200
        };
        assert_eq!(status, expected, "{operation}");
    }
    // Nothing of it was changed.
    assert_eq!(partner.received().len(), 1);
    admin.get(&format!("/api/v1/webhooks/endpoints/{endpoint}")).await.expect(200);
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let service = webhooks().await;
    let (endpoint, delivery) = (EndpointId::generate(service.clock()), DeliveryId::generate(service.clock()));
    let (endpoint, delivery) = (endpoint.to_string(), delivery.to_string());
    let replay = ReplayId::generate(service.clock()).to_string();
    for (operation, status) in ask_all(&service.admin(), &endpoint, &delivery, &replay).await {
        if operation.contains('{') {
            assert_eq!(status, 404, "{operation}");
        }
    }
    service
        .admin()
        .get("/api/v1/webhooks/endpoints/not-an-id")
        .await
        .expect_problem(404, "resource.not_found");
}

#[test]
fn the_document_has_no_mistakes() {
    assert_eq!(Webhooks::routes().mistakes(), Vec::<String>::new());
}
