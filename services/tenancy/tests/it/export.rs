//! What a person is told of what is held of them.

use serde_json::Value;
use witan_ids::UserId;
use witan_tenancy::Tenancy;
use witan_testkit::TestService;

use crate::{describe, join, settle};

async fn told(service: &TestService<Tenancy>, user: UserId) -> Vec<Value> {
    let answer = service.internal("auth").get(&format!("/internal/users/{user}/held")).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'a>(told: &'a [Value], kind: &str) -> Vec<&'a Value> {
    told.iter().filter(|line| line["kind"] == kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_place_is_told_and_nothing_of_others() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let user = ada.user.unwrap();
    let database = service.database().superuser().await.unwrap();
    let (id, place) = (user.uuid().to_string(), grace.workspace().uuid().to_string());
    let member = "INSERT INTO tenancy.members VALUES ($1::text::uuid, $2::text::uuid, 'ADMIN', 'ACTIVE', now(), now())";
    database.execute(member, &[&place, &id]).await.unwrap();
    describe(&ada, "Analytical Engines").await;
    describe(&ada.clone().in_workspace(grace.workspace()), "Difference Engines").await;
    describe(&grace, "Compilers").await;
    ada.post("/api/v1/projects", serde_json::json!({ "name": "Series A" })).await.expect(201);

    let told = told(&service, user).await;
    assert_eq!(of(&told, "person")[0]["email"], "ada@example.org");
    assert_eq!(of(&told, "firstWorkspace").len(), 1);
    let places: Vec<_> = of(&told, "membership").iter().map(|line| line["workspaceId"].clone()).collect();
    assert_eq!(places.len(), 2);
    for workspace in [ada.workspace(), grace.workspace()] {
        assert!(places.contains(&Value::String(workspace.to_string())));
    }
    let made = of(&told, "workspace");
    assert_eq!(
        (made.len(), made[0]["workspaceId"].as_str()),
        (1, Some(ada.workspace().to_string().as_str()))
    );
    let mut startups: Vec<_> =
        of(&told, "startup").iter().map(|line| line["name"].as_str().unwrap()).collect();
    startups.sort_unstable();
    assert_eq!(startups, ["Analytical Engines", "Difference Engines"]);
    assert_eq!(of(&told, "project")[0]["name"], "Series A");
    let text = serde_json::to_string(&told).unwrap();
    for other in [bob.user, grace.user] {
        assert!(!text.contains(&other.unwrap().to_string()));
    }
    assert!(!text.contains("bob@example.org") && !text.contains("Compilers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_is_told_whole_and_who_left_is_told_what_they_made() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let (user, place) = (ada.user.unwrap(), ada.workspace().uuid());
    let database = service.database().superuser().await.unwrap();
    let fill = format!(
        "INSERT INTO tenancy.startups (workspace_id, id, name, created_by, created_at, updated_at)
         SELECT '{place}', gen_random_uuid(), 'Nr. ' || n, '{}', now(), now() FROM generate_series(1, 200) n;
         DELETE FROM tenancy.members",
        user.uuid()
    );
    database.batch_execute(&fill).await.unwrap();
    let told = told(&service, user).await;
    let mut names: Vec<_> = of(&told, "startup").iter().map(|line| line["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), of(&told, "membership").len()), (200, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_services_are_told() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let path = format!("/internal/users/{}/held", ada.user.unwrap());
    service.internal_anon().get(&path).await.expect(401);
    ada.get(&path).await.expect(404);
    let nobody = UserId::generate(service.clock());
    assert!(told(&service, nobody).await.is_empty());
    service.internal("auth").get("/internal/users/nobody/held").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_table_that_holds_people_is_forgotten() {
    let service = TestService::<Tenancy>::start().await;
    let database = service.database().superuser().await.unwrap();
    let columns =
        "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'tenancy'
        AND (column_name ~ '(^|_)(user|owner|author|email)(_|$)' OR column_name ~ '_by$') ORDER BY 1";
    let found: Vec<String> =
        database.query(columns, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(
        found,
        [
            "domains",
            "first_workspaces",
            "invitations",
            "join_links",
            "members",
            "people",
            "places",
            "projects",
            "startups",
            "workspaces"
        ],
        "what `jobs::held` removes and `disclosure` tells"
    );
}
