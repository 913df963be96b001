//! What is left of a person who left.

use serde_json::json;
use witan_events::contracts::auth::v1::UserErasureRequested;

use crate::{ask, three, with_models};

#[tokio::test(flavor = "multi_thread")]
async fn their_runs_go_and_those_of_others_stay() {
    let service = with_models(three(json!({}))).await;
    let mut events = service.events().await;
    let ada = service.admin();
    let bob = service.member();
    let user = ada.user.unwrap();
    ask(&ada).await.expect(200);
    let agent = json!({ "agent": "coach", "name": "Coach", "instructions": "Advise." });
    ada.post("/api/v1/agents/custom", agent).await.expect(201);
    let session = ada.post("/api/v1/sessions", json!({ "title": "Mine" })).await.expect(201).text_at("/id");
    let message = json!({ "role": "USER", "content": "Between us." });
    ada.post(&format!("/api/v1/sessions/{session}/messages"), message).await.expect(201);
    bob.post("/api/v1/sessions", json!({})).await.expect(201);
    ada.put("/api/v1/models/keys/groq", json!({ "key": "gsk_first_0Zr4" })).await.expect(200);
    ask(&bob).await.expect(200);
    let database = service.database().superuser().await.unwrap();
    let traces = async || {
        let mut found = 0;
        for table in [
            "runs",
            "run_members",
            "run_reviews",
            "run_calls",
            "run_events",
            "run_leases",
            "agents",
            "agent_versions",
            "provider_keys",
            "sessions",
            "places",
        ] {
            let query = format!("SELECT count(*) FROM council.{table} t WHERE strpos(t::text, $1) > 0");
            found += database.query_one(&query, &[&user.uuid().to_string()]).await.unwrap().get::<_, i64>(0);
        }
        found
    };
    assert_eq!(traces().await, 6);
    let event = UserErasureRequested { user_id: user.to_string() };
    for rows in ["5", "0"] {
        service.tell(None, &event.user_id, &event).await;
        let report = events.next_of("user.erased").await.data;
        assert_eq!(report, json!({"userId": user, "service": "council", "rows": rows}));
        assert_eq!(traces().await, 0);
    }
    let count = async |table: &str| {
        let query = format!("SELECT count(*) FROM council.{table}");
        database.query_one(&query, &[]).await.unwrap().get::<_, i64>(0)
    };
    assert_eq!(count("agents").await, 1, "an agent is the workspace's");
    assert_eq!(count("provider_keys").await, 1, "so is a key");
    let sessions = (count("sessions").await, count("session_messages").await, count("live_sessions").await);
    assert_eq!(sessions, (1, 0, 1));
    assert_eq!((count("runs").await, count("run_members").await), (1, 3));
}
