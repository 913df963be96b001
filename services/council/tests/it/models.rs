//! The models that there are, and a workspace's own keys with their providers.

use std::time::Duration;

use serde_json::{Value, json};
use witan_clock::{Clock, ManualClock};
use witan_council::Council;
use witan_events::contracts::audit::v1::AuditRecorded;
use witan_testkit::{Dialect, TestService, Upstream, eventually};

use crate::{model, three, with_models};

const KEYS: &str = "/api/v1/models/keys";

fn named<'a>(models: &'a Value, id: &str) -> &'a Value {
    models["data"].as_array().unwrap().iter().find(|model| model["id"] == id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_kept_sealed_told_of_and_forgotten() {
    let service = with_models(three(json!({}))).await;
    let mut events = service.events().await;
    let (ada, other) = (service.admin(), service.other_workspace());
    let path = format!("{KEYS}/groq");
    for (key, hint) in [("gsk_first_0Zr4", "0Zr4"), ("gsk_second_x8Qz", "x8Qz")] {
        let kept = ada.put(&path, json!({ "key": key })).await.expect(200);
        assert_eq!((kept.text_at("/provider"), kept.text_at("/hint")), ("groq".to_owned(), hint.to_owned()));
        assert!(!kept.text.contains(key));
        let (_, told) = events.next::<AuditRecorded>().await;
        assert_eq!((told.action.as_str(), told.details["provider"].as_str()), ("PROVIDER_KEY_SET", "groq"));
        assert!(!format!("{told:?}").contains(key));
    }
    let list = ada.get(KEYS).await.expect(200);
    assert_eq!(list.json["data"].as_array().unwrap().len(), 1);
    assert!(!list.text.contains("second"));
    let database = service.database().superuser().await.unwrap();
    let stored = "SELECT count(*) FROM council.provider_keys t
        WHERE strpos(t::text, 'second') + strpos(encode(sealed, 'escape'), 'second') > 0";
    assert_eq!(database.query_one(stored, &[]).await.unwrap().get::<_, i64>(0), 0, "in the clear");

    let shown = named(&ada.get("/api/v1/models").await.expect(200).json, "groq/gpt-oss-120b").clone();
    assert_eq!((&shown["access"], &shown["contextTokens"]), (&json!("WORKSPACE"), &json!(131_072)));
    let elsewhere = named(&other.get("/api/v1/models").await.expect(200).json, "groq/gpt-oss-120b").clone();
    assert_eq!(elsewhere["access"], json!(null));
    assert_eq!(other.get(KEYS).await.expect(200).json["data"], json!([]));
    other.delete(&path).await.expect_problem(404, "resource.not_found");

    ada.delete(&path).await.expect(204);
    assert_eq!(events.next::<AuditRecorded>().await.1.action, "PROVIDER_KEY_REMOVED");
    ada.delete(&path).await.expect_problem(404, "resource.not_found");
    assert_eq!(ada.get(KEYS).await.expect(200).json["data"], json!([]));
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_asks_with_its_workspaces_key_and_nobody_elses() {
    let upstream = Upstream::start().await;
    let one = json!({ "id": "test/one", "provider": "openai", "baseUrl": upstream.url(Dialect::OpenAi) });
    let service = with_models(json!([model("good", 9, json!({})), one])).await;
    let (ada, other) = (service.admin(), service.other_workspace());
    ada.put(&format!("{KEYS}/test"), json!({ "key": "own-key-0zr4" })).await.expect(200);
    for person in [&ada, &other] {
        let question =
            json!({ "agent": "finance", "prompt": "Raise?", "mode": "SINGLE", "model": "test/one" });
        person.post("/api/v1/agents/run", question).await.expect(200);
    }
    let keyed: Vec<bool> =
        upstream.asked().iter().map(|asked| asked.head.contains("bearer own-key-0zr4")).collect();
    assert_eq!(keyed, [true, false]);
}

/// Keys of workspaces outlive the key that they were sealed with.
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_sealed_anew_when_the_encryption_key_changes() {
    const OLD: &str = "k0:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let upstream = Upstream::start().await;
    let one = json!({ "id": "test/one", "provider": "openai", "baseUrl": upstream.url(Dialect::OpenAi) });
    let models = json!([model("good", 9, json!({})), one]).to_string();
    let time = ManualClock::at(Clock::system().now());
    let mut service = TestService::<Council>::start_with(|builder| {
        let builder = builder.env("LLM_MODELS", models).env("WITAN_ENCRYPTION_KEYS", OLD);
        builder.clock(time.clock())
    })
    .await;
    let (ada, user) = (service.admin(), service.admin().user.unwrap());
    ada.put(&format!("{KEYS}/test"), json!({ "key": "own-key-0zr4" })).await.expect(200);
    let database = service.database().superuser().await.unwrap();
    let sealed_with = async |id: &str| {
        let count = "SELECT count(*) FROM council.provider_keys WHERE strpos(encode(sealed, 'hex'), encode($1, 'hex')) = 5";
        database.query_one(count, &[&id.as_bytes()]).await.unwrap().get::<_, i64>(0) == 1
    };
    assert!(sealed_with("k0").await);
    service.halt().await;
    service.set_env("WITAN_ENCRYPTION_KEYS", &format!("{NEW},{OLD}"));
    time.advance(Duration::from_secs(3601));
    Box::pin(service.resume()).await.unwrap();
    eventually("it is sealed anew", async || sealed_with("k1").await).await;
    service.halt().await;
    service.set_env("WITAN_ENCRYPTION_KEYS", NEW);
    Box::pin(service.resume()).await.unwrap();
    service.peers().admin(user, service.workspace);
    let ada = service.person(user, Some(service.workspace)).in_workspace(service.workspace);
    let question = json!({ "agent": "finance", "prompt": "Raise?", "mode": "SINGLE", "model": "test/one" });
    ada.post("/api/v1/agents/run", question).await.expect(200);
    assert!(upstream.asked()[0].head.contains("bearer own-key-0zr4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_give_keys_and_only_for_providers_that_there_are() {
    let service = with_models(three(json!({}))).await;
    let (ada, bob) = (service.admin(), service.member());
    let key = json!({ "key": "gsk_first_0Zr4" });
    bob.put(&format!("{KEYS}/groq"), key.clone()).await.expect_problem(403, "access.permission_denied");
    bob.get(KEYS).await.expect_problem(403, "access.permission_denied");
    bob.delete(&format!("{KEYS}/groq")).await.expect_problem(403, "access.permission_denied");
    for provider in ["sim", "nobody", "GROQ"] {
        ada.put(&format!("{KEYS}/{provider}"), key.clone()).await.expect_problem(404, "resource.not_found");
    }
    for bad in ["short", "with a space in it", "line\nbreaks-in-it", "schl\u{fc}ssel-schl\u{fc}ssel"] {
        let answer = ada.put(&format!("{KEYS}/groq"), json!({ "key": bad })).await;
        answer.expect_problem(422, "validation.failed");
    }
    assert_eq!(ada.get(KEYS).await.expect(200).json["data"], json!([]));
    service.anon().get("/api/v1/models").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn models_say_what_they_cost_and_whether_they_can_be_asked() {
    let service = with_models(three(json!({}))).await;
    let models = service.member().get("/api/v1/models").await.expect(200);
    let good = named(&models.json, "sim/good");
    assert_eq!((&good["status"], &good["access"]), (&json!("ACTIVE"), &json!("PLATFORM")));
    assert_eq!(
        good["price"],
        json!({ "inputMicros": 1_000_000, "outputMicros": 2_000_000, "currency": "USD" })
    );
    assert_eq!(good["simulated"], true);
    let gone = named(&models.json, "groq/gemma2-9b-it");
    assert_eq!((&gone["status"], &gone["shutdownDate"]), (&json!("RETIRED"), &json!("2025-10-08")));
    assert_eq!((&gone["replacement"], &gone["access"]), (&json!("groq/llama-3.1-8b-instant"), &json!(null)));
}
