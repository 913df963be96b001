//! What a person is told of what is held of them.

use serde_json::{Value, json};
use witan_council::Council;
use witan_ids::UserId;
use witan_testkit::TestService;

use crate::{ask, question, three, with_models};

async fn told(service: &TestService<Council>, user: UserId) -> Vec<Value> {
    let answer = service.internal("auth").get(&format!("/internal/users/{user}/held")).await.expect(200);
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn their_questions_with_all_that_came_of_them_in_every_workspace() {
    let service = with_models(three(json!({}))).await;
    let (ada, bob, other) = (service.admin(), service.member(), service.other_workspace());
    let user = ada.user.unwrap();
    service.peers().admin(user, other.workspace());
    ask(&ada).await.expect(200);
    ask(&ada.clone().in_workspace(other.workspace())).await.expect(200);
    ask(&bob).await.expect(200);
    let told = told(&service, user).await;
    assert_eq!(told.len(), 2);
    let mut places: Vec<_> =
        told.iter().map(|line| line["workspaceId"].as_str().unwrap().to_owned()).collect();
    places.sort();
    let mut expected = [service.workspace.to_string(), other.workspace().to_string()];
    expected.sort();
    assert_eq!(places, expected);
    for run in &told {
        assert_eq!((&run["kind"], &run["state"]), (&json!("run"), &json!("SUCCEEDED")));
        assert_eq!(run["prompt"], question()["prompt"]);
        assert!(!run["answer"].as_str().unwrap().is_empty());
        assert_eq!(run["members"].as_array().unwrap().len(), 3);
        assert!(!run["reviews"].as_array().unwrap().is_empty());
        assert_eq!(run["createdBy"], user.to_string());
    }
    assert!(!serde_json::to_string(&told).unwrap().contains(&bob.user.unwrap().to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_is_told_whole_and_what_others_said_is_left_out() {
    let service = with_models(three(json!({}))).await;
    let user = UserId::generate(service.clock());
    let fill = format!(
        "INSERT INTO council.runs (workspace_id, id, user_id, asked_by, agent, prompt, context, state, failure_code,
             asked, required, created_at, finished_at)
         SELECT '{}', gen_random_uuid(), '{}', CASE n WHEN 1 THEN 'chat' END, 'finance', n::text, 'context', 'FAILED',
             'council.quorum_not_met', 3, 2, now(), now() FROM generate_series(1, 200) n",
        service.workspace.uuid(),
        user.uuid()
    );
    service.database().superuser().await.unwrap().batch_execute(&fill).await.unwrap();
    let told = told(&service, user).await;
    let mut prompts: Vec<_> = told.iter().map(|line| line["prompt"].as_str().unwrap()).collect();
    prompts.sort_unstable();
    prompts.dedup();
    assert_eq!((told.len(), prompts.len()), (200, 200));
    for run in &told {
        let expected = if run["prompt"] == "1" { json!(null) } else { json!("context") };
        assert_eq!(run["context"], expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_services_are_told() {
    let service = with_models(three(json!({}))).await;
    let ada = service.admin();
    let path = format!("/internal/users/{}/held", ada.user.unwrap());
    service.internal_anon().get(&path).await.expect(401);
    ada.get(&path).await.expect(404);
    assert!(told(&service, ada.user.unwrap()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_that_holds_people_is_forgotten() {
    let service = with_models(three(json!({}))).await;
    let database = service.database().superuser().await.unwrap();
    let columns =
        "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'council'
        AND (column_name ~ '(^|_)(user|owner|author|email)(_|$)' OR column_name ~ '_by$')
        AND column_name <> 'answered_by' ORDER BY 1"; // That is a model.
    let found: Vec<String> =
        database.query(columns, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(
        found,
        ["agent_versions", "agents", "places", "provider_keys", "runs", "sessions"],
        "what `jobs::held` removes and `disclosure` tells"
    );
}
