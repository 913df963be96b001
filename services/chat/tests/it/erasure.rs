//! What is left of a person who left.

use serde_json::json;
use witan_events::contracts::auth::v1::UserErasureRequested;
use witan_testkit::eventually;

use crate::{CONVERSATIONS, chat, persona, platform_persona, say};

#[tokio::test(flavor = "multi_thread")]
async fn conversations_go_and_what_belongs_to_the_workspace_is_made_by_nobody() {
    let service = chat().await;
    let mut events = service.events().await;
    let ada = service.admin();
    let bob = service.member();
    let user = ada.user.unwrap();
    let catalogue = platform_persona(&ada).await;
    say(&ada, &catalogue, "What do you think of Ada?").await;
    say(&bob, &catalogue, "And of Bob?").await;
    persona(&ada, "Own", json!({"kind": "MODEL"})).await;

    let database = service.database().superuser().await.unwrap();
    let traces = async || {
        let mut found = Vec::new();
        for table in ["conversations", "messages", "personas", "places", "stream_events", "live_streams"] {
            let query = format!("SELECT count(*) FROM chat.{table} t WHERE strpos(t::text, $1) > 0");
            let count: i64 = database.query_one(&query, &[&user.uuid().to_string()]).await.unwrap().get(0);
            if count > 0 {
                found.push(table);
            }
        }
        found
    };
    assert_eq!(traces().await, ["conversations", "messages", "personas", "places"]);
    let event = UserErasureRequested { user_id: user.to_string() };
    let envelope = service.tell(None, &event.user_id, &event).await;
    let report = events.next_of("user.erased").await;
    assert_eq!(report.data, json!({"userId": user, "service": "chat", "rows": "2"}));
    assert_eq!(report.subject, "erasures");
    assert!(traces().await.is_empty());

    // The same event once more is nothing, and another one finds nothing.
    service.repeat(&envelope).await;
    service.tell(None, &event.user_id, &event).await;
    assert_eq!(events.next_of("user.erased").await.data["rows"], "0");
    let kept = bob.get(CONVERSATIONS).await.expect(200);
    assert_eq!(kept.json["data"].as_array().unwrap().len(), 1);
    let personas: i64 = database.query_one("SELECT count(*) FROM chat.personas", &[]).await.unwrap().get(0);
    assert_eq!(personas, 1);
    eventually("nothing more", async || events.rest().await.iter().all(|e| e.event_type != "user.erased"))
        .await;
}
