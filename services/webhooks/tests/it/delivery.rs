//! From the event to the partner.

use serde_json::json;
use witan_events::contracts::webhooks::v1::DeliveriesCounted;
use witan_telemetry::{Telemetry, TelemetryConfig};
use witan_testkit::sink;

use crate::{delivery_in, endpoint, startup, verifies, webhooks};

#[tokio::test]
async fn an_event_reaches_the_endpoints_that_want_it_signed() {
    let (service, partner, other) = (webhooks().await, sink().await, sink().await);
    let admin = service.admin();
    let wanting = endpoint(&admin, &partner.url("/hook"), &["startup.*"]).await;
    endpoint(&admin, &other.url("/"), &["agent.*", "member.added"]).await;
    endpoint(&service.other_workspace(), &other.url("/"), &["*"]).await;
    let mut published = service.events().await;

    let event = startup(&service, service.workspace).await;
    let received = partner.wait_for(1).await;
    assert_eq!((received[0].method.as_str(), received[0].path.as_str()), ("POST", "/hook"));
    assert_eq!(received[0].header("webhook-id"), event.id.to_string());
    assert_eq!(received[0].header("content-type"), "application/json");
    assert!(verifies(&received[0], wanting["secret"].as_str().unwrap()));
    let body = received[0].json();
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["data", "id", "timestamp", "type", "workspaceId"]);
    assert_eq!(body["id"], json!(event.id));
    assert_eq!(body["type"], "startup.created");
    assert_eq!(body["workspaceId"], json!(service.workspace));
    assert_eq!(body["data"], event.data);

    delivery_in(&admin, &wanting, "SUCCEEDED").await;
    let (_, counted) = published.next::<DeliveriesCounted>().await;
    assert_eq!((counted.workspace_id, counted.deliveries), (service.workspace.to_string(), 1));
    assert!(other.received().is_empty());
}

#[tokio::test]
async fn an_event_that_arrives_twice_is_delivered_once() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    let event = startup(&service, service.workspace).await;
    service.repeat(&event).await;
    service.repeat(&event).await;
    // A second event behind the repetitions: when it has come, they have been dealt with.
    startup(&service, service.workspace).await;
    partner.wait_for(2).await;
    let page = admin.get(&format!("{}/{}/deliveries", crate::ENDPOINTS, made["id"].as_str().unwrap())).await;
    assert_eq!(page.expect(200).json["data"].as_array().unwrap().len(), 2);
    let ids: Vec<String> = partner.received().iter().map(|r| r.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.iter().filter(|id| **id == event.id.to_string()).count(), 1);
}

#[tokio::test]
async fn custom_headers_go_along_and_the_deliverys_trace_goes_on() {
    // Without it there are no spans, and nothing to pass on.
    let _telemetry = Telemetry::init("webhooks", &TelemetryConfig::default());
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let body = json!({ "url": partner.url("/"), "events": ["*"], "headers": { "X-Api-Key": "k3y" } });
    admin.post(crate::ENDPOINTS, body).await.expect(201);
    let id = witan_ids::StartupId::generate(service.clock());
    let event = witan_events::contracts::tenancy::v1::StartupCreated {
        workspace_id: service.workspace.to_string(),
        startup_id: id.to_string(),
        name: "Traced".to_owned(),
    };
    let mut envelope = service.tell(Some(service.workspace), &id.to_string(), &event).await;
    partner.wait_for(1).await;
    assert_eq!(partner.received()[0].header("x-api-key"), "k3y");

    envelope.id = witan_ids::EventId::generate(service.clock());
    envelope.trace.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    service.repeat(&envelope).await;
    let received = partner.wait_for(2).await;
    let traceparent = received[1].header("traceparent");
    assert!(traceparent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{traceparent}");
    assert!(
        !traceparent.contains("00f067aa0ba902b7"),
        "the partner's parent is the attempt, not the publisher"
    );
}

#[tokio::test]
async fn the_catalogue_names_what_can_be_subscribed_to() {
    let service = webhooks().await;
    let types = service.admin().get("/api/v1/webhooks/event-types").await.expect(200).json;
    let names: Vec<&str> =
        types["data"].as_array().unwrap().iter().filter_map(|t| t["name"].as_str()).collect();
    assert!(names.contains(&"startup.created") && names.contains(&"webhook.endpoint.disabled"));
    assert!(!names.contains(&"session.started") && !names.contains(&"webhook.deliveries.counted"));
    let path = "/api/v1/webhooks/event-types";
    let one = service.admin().get(&format!("{path}/startup.created")).await.expect(200).json;
    assert!(types["data"].as_array().unwrap().contains(&one));
    for name in ["session.started", "startup.imagined"] {
        service.admin().get(&format!("{path}/{name}")).await.expect_problem(404, "resource.not_found");
    }
}

#[tokio::test]
async fn what_arrives_is_what_the_schema_says() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    let path = format!("{}/{}/test", crate::ENDPOINTS, made["id"].as_str().unwrap());
    let types = admin.get("/api/v1/webhooks/event-types").await.expect(200).json;
    let types = types["data"].as_array().unwrap();
    for known in types {
        admin.post(&path, json!({ "eventType": known["name"] })).await.expect(202);
    }
    for received in partner.wait_for(types.len()).await {
        let body = received.json();
        let known = types.iter().find(|known| known["name"] == body["type"]).unwrap();
        let validator = jsonschema::draft202012::options().should_validate_formats(true);
        validator.build(&known["schema"]).unwrap().validate(&body).unwrap();
    }
}
