//! Receivers that must agree before they get anything.

use std::time::Duration;

use serde_json::{Value, json};
use witan_testkit::{Client, Reply, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, delivery_in, endpoint, startup};

const ORIGIN: &str = "witan.example";

async fn service() -> TestService<Webhooks> {
    TestService::start_with(|builder| builder.env("WEBHOOKS_ORIGIN", ORIGIN)).await
}

/// An endpoint that must be verified, and its path.
async fn unverified(person: &Client, url: &str, more: Value) -> (Value, String) {
    let mut wish = json!({ "url": url, "events": ["*"], "verification": "REQUIRED" });
    wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = person.post(ENDPOINTS, wish).await.expect(201).json;
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    (made, path)
}

fn agrees() -> Reply {
    Reply::status(200).header("webhook-allowed-origin", ORIGIN)
}

#[tokio::test]
async fn nothing_is_sent_before_the_receiver_agreed_and_everything_after() {
    let (service, partner) = (service().await, sink().await);
    let admin = service.admin();
    let more = json!({ "headers": { "X-Key": "open" }, "rateLimit": 2 });
    let (made, path) = unverified(&admin, &partner.url("/hook"), more).await;
    assert_eq!((&made["state"], &made["verifiedAt"]), (&json!("UNVERIFIED"), &Value::Null));
    let event = startup(&service, service.workspace).await;
    let held = delivery_in(&admin, &made, "HELD").await;
    // Neither a resend nor an end of a pause gets around it.
    let resend = format!("/api/v1/webhooks/deliveries/{}/resend", held["id"].as_str().unwrap());
    admin.post(&resend, json!({})).await.expect(202);
    delivery_in(&admin, &made, "HELD").await;
    for paused in [true, false] {
        admin.patch(&path, json!({ "paused": paused })).await.expect(200);
    }
    assert_eq!(admin.get(&path).await.expect(200).json["state"], "UNVERIFIED");
    assert!(partner.received().is_empty());

    partner.reply_next(agrees().header("webhook-allowed-rate", "60"));
    let verified = admin.post(&format!("{path}/verify"), json!({})).await.expect(200).json;
    assert_eq!((&verified["state"], &verified["allowedRate"]), (&json!("ENABLED"), &json!(60)));
    assert!(verified["verifiedAt"].is_string());
    let received = partner.wait_for(2).await;
    let asked = &received[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str(), asked.body.len()), ("OPTIONS", "/hook", 0));
    assert_eq!(asked.header("webhook-request-origin"), ORIGIN);
    assert_eq!((asked.header("webhook-request-rate"), asked.header("x-key")), ("120", "open"));
    assert_eq!(received[1].header("webhook-id"), event.id.to_string());
    delivery_in(&admin, &made, "SUCCEEDED").await;
}

#[tokio::test]
async fn who_does_not_agree_gets_nothing() {
    let (service, partner) = (service().await, sink().await);
    let admin = service.admin();
    let (made, path) = unverified(&admin, &partner.url("/"), json!({ "timeoutSeconds": 1 })).await;
    let refusals = [
        (Reply::status(204), "has no WebHook-Allowed-Origin"),
        (
            Reply::status(200).header("webhook-allowed-origin", "else.example"),
            "neither `witan.example` nor `*`",
        ),
        (Reply::status(405).header("webhook-allowed-origin", "*"), "with 405"),
        (Reply::status(302).header("location", &partner.url("/agrees")), "with 302"),
        (agrees().header("webhook-allowed-rate", "lots"), "WebHook-Allowed-Rate"),
        (agrees().after(Duration::from_secs(60)), ""),
    ];
    for (reply, why) in refusals {
        partner.reply_next(reply);
        let verify = admin.post(&format!("{path}/verify"), json!({})).await;
        let refused = verify.expect_problem(409, "webhooks.verification_failed");
        assert!(refused.text_at("/detail").contains(why), "{}", refused.text);
    }
    let now = admin.get(&path).await.expect(200).json;
    assert_eq!(
        (&now["state"], &now["verifiedAt"], &now["allowedRate"]),
        (&json!("UNVERIFIED"), &Value::Null, &Value::Null)
    );
    startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "HELD").await;
    assert!(partner.received().iter().all(|request| request.method == "OPTIONS" && request.path == "/"));
}

#[tokio::test]
async fn another_url_must_be_verified_again() {
    let (service, partner) = (service().await, sink().await);
    let admin = service.admin();
    let (made, path) = unverified(&admin, &partner.url("/one"), json!({})).await;
    let verify = format!("{path}/verify");
    partner.reply_next(agrees().header("webhook-allowed-rate", "6000"));
    admin.post(&verify, json!({})).await.expect(200);
    let moved = admin.patch(&path, json!({ "url": partner.url("/two") })).await.expect(200).json;
    assert_eq!(
        (&moved["state"], &moved["verifiedAt"], &moved["allowedRate"]),
        (&json!("UNVERIFIED"), &Value::Null, &Value::Null)
    );
    startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "HELD").await;

    // Whoever agrees to what was moved away meanwhile has not agreed to this.
    partner.reply_next(agrees().after(Duration::from_secs(2)));
    let late = async { admin.post(&verify, json!({})).await };
    let moving = async {
        partner.wait_for(2).await;
        admin.patch(&path, json!({ "url": partner.url("/three") })).await.expect(200);
    };
    let (late, ()) = futures_util::join!(late, moving);
    late.expect_problem(409, "webhooks.endpoint_changed");
    assert_eq!(admin.get(&path).await.expect(200).json["state"], "UNVERIFIED");

    partner.reply_next(Reply::status(200).header("webhook-allowed-origin", "*"));
    admin.post(&verify, json!({})).await.expect(200);
    let received = partner.wait_for(4).await;
    assert_eq!(received[3].path, "/three");
}

#[tokio::test]
async fn an_endpoint_may_be_verified_that_need_not_be_and_the_rate_holds() {
    let (service, partner) = (service().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    assert_eq!((&made["state"], &made["verification"]), (&json!("ENABLED"), &json!("NONE")));
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    partner.reply_next(agrees().header("webhook-allowed-rate", "1"));
    admin.patch(&path, json!({ "paused": true })).await.expect(200);
    let verified = admin.post(&format!("{path}/verify"), json!({})).await.expect(200).json;
    assert_eq!((&verified["state"], &verified["allowedRate"]), (&json!("PAUSED"), &json!(1)));
    admin.patch(&path, json!({ "paused": false })).await.expect(200);
    for _ in 0..3 {
        startup(&service, service.workspace).await;
    }
    let database = service.database().superuser().await.unwrap();
    // One in a minute; where the minute turns meanwhile it is two.
    eventually("the others have to wait", async || {
        let query = "SELECT count(*) FROM webhooks.deliveries WHERE slot_at > now()";
        let waiting: i64 = database.query_one(query, &[]).await.unwrap().get(0);
        let sent = partner.received().iter().filter(|request| request.method == "POST").count();
        sent >= 1 && waiting >= 1 && i64::try_from(sent).unwrap() + waiting == 3
    })
    .await;
}
