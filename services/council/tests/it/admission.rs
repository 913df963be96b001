//! The plan, room, and who may ask.

use serde_json::json;
use witan_access::permission;
use witan_ids::UserId;

use crate::{ask, ask_and_leave, model, question, three, with_models};

fn reservations(service: &witan_testkit::TestService<witan_council::Council>, path: &str) -> usize {
    let path = format!("POST {path}");
    service.peers().asked().iter().filter(|asked| asked.request == path).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_plans_limit_nothing_runs() {
    let service = with_models(three(json!({}))).await;
    let limit = json!({ "outcome": "LIMIT_REACHED", "metric": "runs", "limit": 20, "used": 20,
                        "resetsAt": "2026-12-01T00:00:00Z", "plan": "free" });
    service.peers().answer("POST", "/internal/reservations", 200, limit);
    let mut events = service.events().await;
    let ada = service.member();
    let problem = ask(&ada).await.expect_problem(402, "billing.limit_reached");
    assert!(problem.text_at("/detail").contains("20 runs"), "{}", problem.text);
    assert_eq!(ada.get("/api/v1/agents/runs").await.expect(200).json["data"], json!([]));
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_reserved_by_its_id() {
    let service = with_models(three(json!({}))).await;
    let run = ask(&service.member()).await.expect(200);
    let asked = service.peers().asked();
    let wish = asked.iter().find(|asked| asked.request == "POST /internal/reservations").unwrap();
    assert_eq!(wish.caller, "council");
    assert_eq!(wish.body["reference"], run.json["id"]);
    assert_eq!((&wish.body["metric"], &wish.body["amount"]), (&json!("runs"), &json!(1)));
}

/// Nobody said what it may cost; what it costs is known well enough.
#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_without_money_left_asks_no_model() {
    let unpriced =
        json!({ "id": "sim/unpriced", "provider": "sim", "sim": { "latencyMs": 5, "quality": 5 } });
    let mut models = three(json!({}));
    models.as_array_mut().unwrap().push(unpriced);
    let service = witan_testkit::TestService::<witan_council::Council>::start_with(|builder| {
        let builder = builder.env("LLM_MODELS", models.to_string());
        builder.env("COUNCIL_MEMBERS", "sim/good,sim/fair,sim/poor")
    })
    .await;
    let ada = service.member();
    let limit = |metric: &str, used: i64| json!({ "metric": metric, "limit": 200_000, "used": used, "resetsAt": "2026-12-01T00:00:00Z" });
    let plan = |used: i64| json!({ "plan": "small", "limits": [limit("runs", 0), limit("costMicros", used)], "features": [] });
    service.peers().entitle(ada.workspace(), plan(199_000));
    ask(&ada).await.expect_problem(402, "billing.limit_reached");
    ada.post("/api/v1/agents/queue", question()).await.expect_problem(402, "billing.limit_reached");
    for metric in ["runs", "costMicros"] {
        assert_eq!(service.peers().reserved(ada.workspace(), metric), 0, "{metric} is given back");
    }
    assert_eq!(ada.get("/api/v1/agents/runs").await.expect(200).json["data"], json!([]));
    let mut body = question();
    (body["mode"], body["model"]) = (json!("SINGLE"), json!("sim/unpriced"));
    ada.post("/api/v1/agents/run", body).await.expect(200);

    service.peers().entitle(ada.workspace(), plan(0));
    let run = ask(&ada).await.expect(200).json;
    let reserved = service.peers().reserved(ada.workspace(), "costMicros");
    let took = run["usage"]["cost"]["amountMicros"].as_i64().unwrap();
    assert!(took > 0 && took <= reserved, "{took} of {reserved}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_billing_the_council_still_answers() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    ask(&ada).await.expect(200);
    service.peers().answer("POST", "/internal/reservations", 503, json!({}));
    ask(&ada).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_nobody_waits() {
    let slow = json!([model("slow", 5, json!({ "latencyMs": 60_000 }))]);
    let service = witan_testkit::TestService::<witan_council::Council>::start_with(|builder| {
        builder.env("LLM_MODELS", slow.to_string()).env("COUNCIL_MAX_RUNS", "1")
    })
    .await;
    let ada = service.member();
    ask_and_leave(&ada).await;
    let crowded = ask(&ada).await.expect_problem(503, "system.unavailable");
    assert_eq!(crowded.header("retry-after"), "5");
    assert_eq!(
        reservations(&service, "/internal/reservations"),
        2,
        "of the one run, and of what it may cost"
    );
}

/// Room is there again once the answer is, and looking for runs that wait takes none of it.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_one_question_after_the_other_always_finds_room() {
    let models = json!([model("quick", 5, json!({ "latencyMs": 1 }))]);
    let service = witan_testkit::TestService::<witan_council::Council>::start_with(|builder| {
        builder.env("LLM_MODELS", models.to_string()).env("COUNCIL_MAX_RUNS", "1")
    })
    .await;
    let ada = service.member();
    let mut body = question();
    (body["mode"], body["model"]) = (json!("SINGLE"), json!("sim/quick"));
    for _ in 0..40 {
        ada.post("/api/v1/agents/run", body.clone()).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_and_reading_need_their_permissions() {
    let service = with_models(three(json!({}))).await;
    service.anon().post("/api/v1/agents/run", question()).await.expect(401);
    let reader = UserId::generate(service.clock());
    service.peers().join(reader, service.workspace, "READER", &[permission::AGENTS_READ]);
    let reader = service.person(reader, Some(service.workspace));
    reader.get("/api/v1/agents/runs").await.expect(200);
    reader.post("/api/v1/agents/run", question()).await.expect_problem(403, "access.permission_denied");
    assert_eq!(reservations(&service, "/internal/reservations"), 0);
}
