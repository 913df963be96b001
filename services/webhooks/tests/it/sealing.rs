//! What is sealed outlives the encryption key that it was sealed with.

use std::time::Duration;

use serde_json::json;
use standardwebhooks::Webhook;
use witan_clock::{Clock, ManualClock};
use witan_testkit::{TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, endpoint, startup};

const OLD: &str = "k0:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

#[tokio::test(flavor = "multi_thread")]
async fn partners_are_told_after_the_old_key_was_taken_away() {
    let time = ManualClock::at(Clock::system().now());
    let mut service = TestService::<Webhooks>::start_with(|builder| {
        builder.clock(time.clock()).env("WITAN_ENCRYPTION_KEYS", OLD)
    })
    .await;
    let (admin, partner, other) = (service.admin(), sink().await, sink().await);
    let wish = json!({ "url": partner.url("/"), "events": ["*"], "headers": { "X-Tenant": "acme" } });
    let made = admin.post(ENDPOINTS, wish).await.expect(201).json;
    let spoiled = endpoint(&admin, &other.url("/"), &["*"]).await;
    let database = service.database().superuser().await.unwrap();
    let spoil = "UPDATE webhooks.endpoint_secrets SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)
         WHERE endpoint_id = (SELECT id FROM webhooks.endpoints ORDER BY id DESC LIMIT 1)";
    assert_eq!(database.execute(spoil, &[]).await.unwrap(), 1);
    let sealed_with = async |key: &str| {
        let count = "SELECT count(*) FROM (
                SELECT url_sealed AS sealed FROM webhooks.endpoints UNION ALL
                SELECT headers_sealed FROM webhooks.endpoints WHERE headers_sealed IS NOT NULL UNION ALL
                SELECT sealed FROM webhooks.endpoint_secrets
            ) AS all_of_them WHERE convert_from(substring(sealed FROM 3 FOR 2), 'UTF8') = $1";
        database.query_one(count, &[&key]).await.unwrap().get::<_, i64>(0)
    };
    assert_eq!(sealed_with("k0").await, 5);
    service.halt().await;
    service.set_env("WITAN_ENCRYPTION_KEYS", &format!("{NEW},{OLD}"));
    time.advance(Duration::from_secs(3601));
    Box::pin(service.resume()).await.unwrap();
    eventually("all but what nobody can open is sealed anew", async || sealed_with("k1").await == 4).await;
    assert_eq!(sealed_with("k0").await, 1);
    service.halt().await;
    service.set_env("WITAN_ENCRYPTION_KEYS", NEW);
    Box::pin(service.resume()).await.unwrap();
    startup(&service, service.workspace).await;
    let received = partner.wait_for(1).await.remove(0);
    let (id, at) = (received.header("webhook-id"), time.clock().now().timestamp());
    let expected = Webhook::new(made["secret"].as_str().unwrap()).unwrap().sign(id, at, &received.body);
    assert_eq!(received.header("webhook-signature"), expected.unwrap());
    assert_eq!(received.header("x-tenant"), "acme");
    assert_eq!(spoiled["state"], "ENABLED");
    assert!(other.received().is_empty());
}
