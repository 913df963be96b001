//! What is sealed outlives the encryption key that it was sealed with.

use std::time::Duration;

use serde_json::json;
use witan_chat::Chat;
use witan_clock::{Clock, ManualClock};
use witan_testkit::{TestService, eventually};

use crate::persona;
use crate::traits::Sender;

const OLD: &str = "k0:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const NEW: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

#[tokio::test(flavor = "multi_thread")]
async fn traits_are_taken_after_the_old_key_was_taken_away() {
    let time = ManualClock::at(Clock::system().now());
    let mut service = TestService::<Chat>::start_with(|builder| {
        builder.clock(time.clock()).env("WITAN_ENCRYPTION_KEYS", OLD)
    })
    .await;
    let admin = service.admin();
    let backend = json!({ "kind": "WEBHOOK", "url": "https://hooks.example/hook?key=sesame" });
    persona(&admin, "Maren", backend).await;
    let secret = Sender::new(&service, &admin).await.secret;
    let database = service.database().superuser().await.unwrap();
    let sealed_with = async |key: &str| {
        let count = "SELECT count(*) FROM (
                SELECT url_sealed AS sealed FROM chat.personas UNION ALL SELECT secret_sealed FROM chat.personas UNION ALL
                SELECT sealed FROM chat.trait_secrets
            ) AS all_of_them WHERE convert_from(substring(sealed FROM 3 FOR 2), 'UTF8') = $1";
        database.query_one(count, &[&key]).await.unwrap().get::<_, i64>(0)
    };
    assert_eq!(sealed_with("k0").await, 3);
    service.halt().await;
    service.set_env("WITAN_ENCRYPTION_KEYS", &format!("{NEW},{OLD}"));
    time.advance(Duration::from_secs(3601));
    Box::pin(service.resume()).await.unwrap();
    eventually("everything is sealed anew", async || sealed_with("k1").await == 3).await;
    service.halt().await;
    service.set_env("WITAN_ENCRYPTION_KEYS", NEW);
    Box::pin(service.resume()).await.unwrap();
    let sender = Sender::knowing(&service, secret);
    sender.send("evt-1", json!({ "name": "Maren", "about": "Careful" })).await.expect(202);
}
