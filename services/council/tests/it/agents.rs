//! A workspace's own agents.

use serde_json::{Value, json};
use witan_access::permission;
use witan_ids::UserId;

use crate::{three, with_models};

const AGENTS: &str = "/api/v1/agents/custom";

fn coach() -> Value {
    json!({
        "agent": "pricing-coach", "name": "Pricing coach", "instructions": "You advise on pricing.",
        "members": ["sim/good", "sim/fair"], "quorum": 2,
        "criteria": [{ "name": "numeracy", "meaning": "It calculates." },
                     { "name": "brevity", "meaning": "It is short." }],
    })
}

fn to(agent: &str) -> Value {
    json!({ "agent": agent, "prompt": "What should we charge?" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_uses_the_agent_as_it_is_and_says_which_version_that_was() {
    let service = with_models(three(json!({}))).await;
    let (ada, bob) = (service.admin(), service.member());
    let made = ada.post(AGENTS, coach()).await.expect(201);
    let path = format!("{AGENTS}/{}", made.text_at("/id"));
    assert_eq!(made.header("location"), path);
    assert_eq!((made.text_at("/mode"), &made.json["version"]), ("COUNCIL".to_owned(), &json!(1)));

    let run = bob.post("/api/v1/agents/run", to("pricing-coach")).await.expect(200);
    assert_eq!((&run.json["agent"], &run.json["agentVersion"]), (&json!("pricing-coach"), &json!(1)));
    assert_eq!(run.json["quorum"], json!({ "asked": 2, "required": 2, "answered": 2, "reviewed": 2 }));
    let scores = run.json["reviews"][0]["scores"].as_object().unwrap();
    assert_eq!(scores.keys().collect::<Vec<_>>(), ["brevity", "numeracy"]);

    let changed =
        ada.patch(&path, json!({ "members": ["sim/poor"], "quorum": null, "mode": "SINGLE" })).await;
    assert_eq!(changed.expect(200).json["version"], 2);
    let by_id = bob.post("/api/v1/agents/run", to(&made.text_at("/id"))).await.expect(200);
    assert_eq!((&by_id.json["agent"], &by_id.json["agentVersion"]), (&json!("pricing-coach"), &json!(2)));
    assert_eq!(
        (by_id.text_at("/mode"), by_id.text_at("/members/0/model")),
        ("SINGLE".to_owned(), "sim/poor".to_owned())
    );

    let versions = bob.get(&format!("{path}/versions")).await.expect(200);
    let numbers: Vec<_> =
        versions.json["data"].as_array().unwrap().iter().map(|one| &one["version"]).collect();
    assert_eq!(numbers, [2, 1]);
    assert_eq!(versions.json["data"][1]["members"], json!(["sim/good", "sim/fair"]));
    let first = bob.get(&format!("{path}/versions?limit=1")).await.expect(200);
    let rest = format!("{path}/versions?cursor={}", first.text_at("/nextCursor"));
    assert_eq!(bob.get(&rest).await.expect(200).json["data"][0]["version"], 1);

    ada.delete(&path).await.expect(204);
    ada.get(&path).await.expect_problem(404, "resource.not_found");
    bob.post("/api/v1/agents/run", to("pricing-coach")).await.expect_problem(422, "validation.failed");
    let kept = bob.get(&format!("/api/v1/agents/runs/{}", run.text_at("/id"))).await.expect(200);
    assert_eq!(kept.json["agentVersion"], 1);
    ada.post(AGENTS, coach()).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_listed_beside_those_of_the_product() {
    let service = with_models(three(json!({}))).await;
    let ada = service.admin();
    let lent = json!({ "agent": "aaa", "name": "A", "instructions": "Advise." });
    ada.post(AGENTS, lent).await.expect(201);
    ada.post(AGENTS, coach()).await.expect(201);
    let list = ada.get("/api/v1/agents").await.expect(200);
    let names: Vec<_> = list.json["data"].as_array().unwrap().iter().map(|agent| &agent["agent"]).collect();
    assert_eq!(names, ["legal", "finance", "investor", "competitor", "aaa", "pricing-coach"]);
    assert_eq!(list.json["data"][0]["id"], json!(null));
    let lent = &list.json["data"][4];
    assert_eq!(
        (&lent["members"], &lent["quorum"]),
        (&json!(["sim/good", "sim/fair", "sim/poor"]), &json!(2))
    );
    assert_eq!(lent["criteria"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_what_was_changed_since_changes_nothing() {
    let service = with_models(three(json!({}))).await;
    let ada = service.admin();
    let path = format!("{AGENTS}/{}", ada.post(AGENTS, coach()).await.expect(201).text_at("/id"));
    let rename = |name: &str| json!({ "version": 1, "name": name });
    let (one, other) = tokio::join!(ada.patch(&path, rename("One")), ada.patch(&path, rename("Other")));
    let (won, lost) = if one.status == 200 { (one, other) } else { (other, one) };
    assert_eq!(won.expect(200).json["version"], 2);
    lost.expect_problem(409, "council.agent_changed");
    let now = ada.get(&path).await.expect(200);
    let again = ada.patch(&path, json!({ "name": now.text_at("/name") })).await.expect(200);
    assert_eq!(again.json, now.json, "what changes nothing makes no version");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_whole_is_refused_and_not_kept() {
    let service = with_models(three(json!({}))).await;
    let ada = service.admin();
    for (member, value, pointer) in [
        ("agent", json!("Legal!"), "/agent"),
        ("members", json!(["sim/good", "sim/omega"]), "/members"),
        ("chairs", json!(["sim/omega"]), "/chairs"),
        ("quorum", json!(3), "/quorum"),
        ("criteria", json!([{ "name": "A B", "meaning": "x" }]), "/criteria"),
        ("instructions", json!("  "), "/instructions"),
        ("mode", json!("DEBATE"), "/mode"),
        ("colour", json!("red"), "/colour"),
    ] {
        let mut wish = coach();
        wish[member] = value;
        let answer = ada.post(AGENTS, wish).await.expect_problem(422, "validation.failed");
        assert_eq!(answer.text_at("/errors/0/pointer"), pointer, "{}", answer.text);
    }
    let mut legal = coach();
    legal["agent"] = json!("legal");
    ada.post(AGENTS, legal).await.expect_problem(409, "council.agent_slug_taken");
    let (one, other) = tokio::join!(ada.post(AGENTS, coach()), ada.post(AGENTS, coach()));
    let (made, refused) = if one.status == 201 { (one, other) } else { (other, one) };
    refused.expect_problem(409, "council.agent_slug_taken");
    let path = format!("{AGENTS}/{}", made.expect(201).text_at("/id"));
    ada.patch(&path, json!({ "members": [] })).await.expect_problem(422, "validation.failed");
    assert_eq!(ada.get(&path).await.expect(200).json["version"], 1);
    assert_eq!(ada.get("/api/v1/agents").await.expect(200).json["data"].as_array().unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_has_them_and_only_who_may_makes_them() {
    let service = with_models(three(json!({}))).await;
    let (ada, bob, other) = (service.admin(), service.member(), service.other_workspace());
    let made = ada.post(AGENTS, coach()).await.expect(201);
    let path = format!("{AGENTS}/{}", made.text_at("/id"));
    for name in ["pricing-coach".to_owned(), made.text_at("/id")] {
        other.post("/api/v1/agents/run", to(&name)).await.expect_problem(422, "validation.failed");
    }
    other.get(&path).await.expect_problem(404, "resource.not_found");
    other.patch(&path, json!({ "name": "Mine" })).await.expect_problem(404, "resource.not_found");
    other.delete(&path).await.expect_problem(404, "resource.not_found");
    other.post(AGENTS, coach()).await.expect(201);

    bob.get(&path).await.expect(200);
    bob.post(AGENTS, coach()).await.expect_problem(403, "access.permission_denied");
    bob.patch(&path, json!({ "name": "Mine" })).await.expect_problem(403, "access.permission_denied");
    bob.delete(&path).await.expect_problem(403, "access.permission_denied");
    let maker = UserId::generate(service.clock());
    service.peers().join(maker, service.workspace, "MAKER", &[permission::AGENTS_WRITE]);
    let maker = service.person(maker, Some(service.workspace));
    maker.patch(&path, json!({ "name": "Ours" })).await.expect(200);
    assert_eq!(ada.get(&path).await.expect(200).text_at("/name"), "Ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_has_fifty_at_most() {
    let service = with_models(three(json!({}))).await;
    let ada = service.admin();
    let fill = format!(
        "INSERT INTO council.agents SELECT '{}', gen_random_uuid(), 'agent-' || n, 1, gen_random_uuid(), now()
         FROM generate_series(1, 50) n",
        service.workspace.uuid()
    );
    service.database().superuser().await.unwrap().batch_execute(&fill).await.unwrap();
    ada.post(AGENTS, coach()).await.expect_problem(409, "council.agent_limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_do_not_make_more_than_fifty() {
    let service = with_models(three(json!({}))).await;
    let ada = service.admin();
    let fill = format!(
        "INSERT INTO council.agents SELECT '{}', gen_random_uuid(), 'agent-' || n, 1, gen_random_uuid(), now()
         FROM generate_series(1, 48) n",
        service.workspace.uuid()
    );
    let database = service.database().superuser().await.unwrap();
    database.batch_execute(&fill).await.unwrap();
    let wishes = (0..8).map(|nth| {
        let mut wish = coach();
        wish["agent"] = json!(format!("coach-{nth}"));
        ada.post(AGENTS, wish)
    });
    let answers = futures_util::future::join_all(wishes).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 2);
    let count = database.query_one("SELECT count(*) FROM council.agents", &[]).await.unwrap();
    assert_eq!(count.get::<_, i64>(0), 50);
}
