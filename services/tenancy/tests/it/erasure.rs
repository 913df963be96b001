//! What is left of a person who left.

use std::time::Duration;

use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_events::contracts::auth::v1::UserErasureRequested;
use witan_ids::UserId;
use witan_tenancy::Tenancy;
use witan_testkit::{TestService, eventually};

use crate::deletion::{SERVICES, again, pass, report};
use crate::{describe, join, settle};

async fn traces(service: &TestService<Tenancy>, text: &str) -> Vec<&'static str> {
    let database = service.database().superuser().await.unwrap();
    let mut found = Vec::new();
    for table in ["people", "first_workspaces", "members", "workspaces", "startups", "projects", "places"] {
        let query = format!("SELECT count(*) FROM tenancy.{table} t WHERE strpos(t::text, $1) > 0");
        let count: i64 = database.query_one(&query, &[&text]).await.unwrap().get(0);
        if count > 0 {
            found.push(table);
        }
    }
    found
}

async fn erase(service: &TestService<Tenancy>, user: UserId) -> Value {
    let mut events = service.events().await;
    let event = UserErasureRequested { user_id: user.to_string() };
    service.tell(None, &event.user_id, &event).await;
    events.next_of("user.erased").await.data
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_names_the_person_and_the_workspace_stays_for_the_others() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("ADMIN", "ACTIVE")).await;
    let startup = describe(&ada, "Analytical Engines").await;
    ada.post("/api/v1/projects", json!({ "name": "Series A" })).await.expect(201);
    let user = ada.user.unwrap();
    assert_eq!(traces(&service, &user.uuid().to_string()).await.len(), 7);
    let report = erase(&service, user).await;
    assert_eq!(report, json!({"userId": user, "service": "tenancy", "rows": "6"}));
    for text in [user.uuid().to_string(), "ada@example.org".to_owned()] {
        assert!(traces(&service, &text).await.is_empty(), "{text}");
    }
    assert_eq!(erase(&service, user).await["rows"], "0");
    let kept = bob.get(&format!("/api/v1/startups/{startup}")).await.expect(200);
    assert_eq!(kept.text_at("/name"), "Analytical Engines");
    assert_eq!(
        bob.get(&format!("/api/v1/workspaces/{}", bob.workspace())).await.expect(200).text_at("/role"),
        "ADMIN"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_nobody_remains_in_goes_with_its_last_member() {
    let time = ManualClock::at("2026-11-21T08:00:00Z".parse().unwrap());
    let mut service = TestService::<Tenancy>::start_with(|builder| builder.clock(time.clock())).await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    describe(&ada, "Analytical Engines").await;
    let (user, workspace) = (ada.user.unwrap(), ada.workspace());
    let mut events = service.events().await;
    erase(&service, user).await;
    for text in [user.uuid().to_string(), "Ada".to_owned()] {
        assert!(traces(&service, &text).await.is_empty(), "{text}");
    }
    let silenced = events.next_of("workspace.deletion_requested").await;
    assert_eq!(silenced.workspace_id, Some(workspace));
    pass(&mut service, &time, Duration::from_secs(61)).await;
    assert_eq!(events.next_of("workspace.purge_requested").await.workspace_id, Some(workspace));
    for name in SERVICES {
        report(&service, workspace, name).await;
    }
    eventually("nothing is left", async || traces(&service, &workspace.uuid().to_string()).await.is_empty())
        .await;
    let grace = again(&service, &grace);
    grace.get(&format!("/api/v1/workspaces/{}", grace.workspace())).await.expect(200);
}

/// Only who runs the installation can force that; nothing is left without somebody who runs it all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_whose_last_administrator_is_erased_gets_another_one() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let (bob, eve) = (
        join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await,
        join(&service, ada.workspace(), "Eve", ("MEMBER", "ACTIVE")).await,
    );
    join(&service, ada.workspace(), "Away", ("MEMBER", "INACTIVE")).await;
    let database = service.database().superuser().await.unwrap();
    let first =
        "UPDATE tenancy.members SET joined_at = joined_at - interval '1 day' WHERE user_id = $1::text::uuid";
    database.execute(first, &[&eve.user.unwrap().uuid().to_string()]).await.unwrap();
    let mut events = service.events().await;
    erase(&service, ada.user.unwrap()).await;
    let change = events.next_of("member.role_changed").await.data;
    assert_eq!((&change["userId"], &change["role"]), (&json!(eve.user.unwrap()), &json!("ADMIN")));
    let entry = events.next_of("audit.recorded").await.data;
    assert_eq!((&entry["actorId"], &entry["details"]["reason"]), (&json!(""), &json!("LAST_ADMIN_ERASED")));
    let members = format!("/api/v1/workspaces/{}/members", ada.workspace());
    let role =
        async |query: &str| eve.get(&format!("{members}?{query}")).await.expect(200).json["data"].clone();
    assert_eq!(role("role=ADMIN").await.as_array().unwrap().len(), 1);
    // Where somebody else runs it nothing changes.
    eve.patch(&format!("{members}/{}", bob.user.unwrap()), json!({ "role": "ADMIN" })).await.expect(200);
    erase(&service, eve.user.unwrap()).await;
    let page = bob.get(&format!("{members}?role=ADMIN")).await.expect(200);
    assert_eq!(page.json["data"].as_array().unwrap().len(), 1);
    assert_eq!(page.text_at("/data/0/name"), "Bob");
}

/// A joining that nobody could see yet when the last member was erased.
#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_somebody_joins_meanwhile_stays() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let (user, place) = (grace.user.unwrap().uuid().to_string(), ada.workspace().uuid().to_string());
    let mut database = service.database().superuser().await.unwrap();
    let joining = database.transaction().await.unwrap();
    let insert = "INSERT INTO tenancy.members VALUES ($1::text::uuid, $2::text::uuid, 'MEMBER', 'ACTIVE', now(), now())";
    joining.execute(insert, &[&place, &user]).await.unwrap();
    let event = UserErasureRequested { user_id: ada.user.unwrap().to_string() };
    service.tell(None, &event.user_id, &event).await;
    let watch = service.database().superuser().await.unwrap();
    eventually("the erasure waits", async || {
        let waiting = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        watch.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 1
    })
    .await;
    joining.commit().await.unwrap();
    let there = grace.in_workspace(ada.workspace());
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    eventually("Grace runs it", async || there.get(&path).await.json["role"] == "ADMIN").await;
}
