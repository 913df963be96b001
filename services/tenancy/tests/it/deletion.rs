//! Deleting workspaces, taking that back, and what happens when nobody does.

use std::time::Duration;

use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_events::contracts::tenancy::v1::{WorkspaceDeletionRequested, WorkspacePurged, WorkspaceRestored};
use witan_ids::WorkspaceId;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService, eventually, tokens};

use crate::{audited, describe, join, settle};

const DAY: Duration = Duration::from_secs(24 * 3600);
const PENDING: &str = "access.workspace_deletion_pending";
pub(crate) const SERVICES: [&str; 5] = ["auth", "billing", "chat", "council", "webhooks"];

fn path(workspace: WorkspaceId, tail: &str) -> String {
    format!("/api/v1/workspaces/{workspace}{tail}")
}

/// The same person with a token of this moment.
pub(crate) fn again(service: &TestService<Tenancy>, person: &Client) -> Client {
    service.person(person.user.unwrap(), None).in_workspace(person.workspace())
}

/// The same person, who proved who they are an hour ago.
pub(crate) fn stale(service: &TestService<Tenancy>, person: &Client) -> Client {
    let mut claims = tokens::claims("tenancy", person.user.unwrap(), None, service.clock());
    claims.auth_time -= 3600;
    service.anon().with_token(tokens::sign(&claims)).in_workspace(person.workspace())
}

/// Lets time pass, and the pass that looks for what is due run.
pub(crate) async fn pass(service: &mut TestService<Tenancy>, time: &ManualClock, by: Duration) {
    assert!(service.halt().await);
    time.advance(by);
    service.resume().await.unwrap();
    let now = service.clock().now().to_rfc3339();
    let database = service.database().superuser().await.unwrap();
    let done =
        "SELECT FROM tenancy.periodic_jobs WHERE name = 'tenancy.purge' AND next_at > $1::text::timestamptz";
    eventually("a pass", async || !database.query(done, &[&now]).await.unwrap().is_empty()).await;
}

pub(crate) async fn report(service: &TestService<Tenancy>, workspace: WorkspaceId, name: &str) {
    let report = WorkspacePurged { workspace_id: workspace.to_string(), service: name.to_owned(), rows: 3 };
    service.tell(Some(workspace), "purges", &report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_delete_it_changes_nothing() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let mut events = service.events().await;
    let delete = path(ada.workspace(), "/delete");
    grace.in_no_workspace().post(&delete, ()).await.expect_problem(404, "access.workspace_not_found");
    bob.post(&delete, ()).await.expect_problem(403, "access.permission_denied");
    stale(&service, &ada).post(&delete, ()).await.expect_problem(403, "access.step_up_required");
    let (key, _) = service.api_key(ada.user.unwrap(), None, &[witan_access::Scope::Admin]);
    let key = key.in_workspace(ada.workspace());
    key.post(&delete, ()).await.expect_problem(403, "access.session_required");
    ada.post(&path(ada.workspace(), "/restore"), ())
        .await
        .expect_problem(409, "tenancy.deletion_not_pending");
    ada.get(&path(ada.workspace(), "/deletion")).await.expect_problem(404, "resource.not_found");
    assert_eq!(ada.get(&path(ada.workspace(), "")).await.expect(200).json["deletionDueAt"], Value::Null);
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_works_in_it_until_it_is_restored_and_then_all_is_there() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let workspace = ada.workspace();
    let bob = join(&service, workspace, "Bob", ("MEMBER", "ACTIVE")).await;
    let startup = describe(&ada, "Engines").await;
    let mut events = service.events().await;
    let deletion = ada.post(&path(workspace, "/delete"), ()).await.expect(200);
    assert_eq!((deletion.text_at("/state").as_str(), &deletion.json["services"]), ("PENDING", &json!([])));
    assert_eq!(deletion.text_at("/requestedBy"), ada.user.unwrap().to_string());
    let (envelope, told) = events.next::<WorkspaceDeletionRequested>().await;
    let due = told.due_at.unwrap().seconds - service.clock().now().timestamp();
    assert!(envelope.workspace_id == Some(workspace) && (30 * 86_400 - 60..=30 * 86_400).contains(&due));
    let entry = audited(&mut events, "WORKSPACE_DELETION_REQUESTED").await;
    assert_eq!(entry.actor_id, ada.user.unwrap().to_string());

    for person in [&ada, &bob] {
        person.get("/api/v1/startups").await.expect_problem(403, PENDING);
        person.post("/api/v1/projects", json!({ "name": "x" })).await.expect_problem(403, PENDING);
        person.get(&path(workspace, "")).await.expect_problem(403, PENDING);
        person.get(&path(workspace, "/members")).await.expect_problem(403, PENDING);
        person.post(&path(workspace, "/delete"), ()).await.expect_problem(403, PENDING);
        let listed = person.get("/api/v1/workspaces").await.expect(200);
        assert_eq!(listed.json["data"][0]["deletionDueAt"], deletion.json["dueAt"]);
    }
    let membership = format!("/internal/memberships?userId={}&workspaceId={workspace}", bob.user.unwrap());
    let place = service.internal("chat").get(&membership).await.expect(200);
    assert_eq!(place.json["deletionPending"], true);
    for tail in ["/deletion", "/restore"] {
        let call = async |person: &Client| match tail {
            "/restore" => person.post(&path(workspace, tail), ()).await,
            _ => person.get(&path(workspace, tail)).await,
        };
        call(&bob).await.expect_problem(403, "access.permission_denied");
        call(&grace.clone().in_no_workspace()).await.expect_problem(404, "access.workspace_not_found");
    }
    assert_eq!(ada.get(&path(workspace, "/deletion")).await.expect(200).json, deletion.json);
    let _ = grace.get("/api/v1/startups").await.expect(200);
    assert!(events.rest().await.is_empty());

    let restored = ada.post(&path(workspace, "/restore"), ()).await.expect(200);
    assert_eq!(restored.json["deletionDueAt"], Value::Null);
    let (envelope, _) = events.next::<WorkspaceRestored>().await;
    assert_eq!(envelope.workspace_id, Some(workspace));
    audited(&mut events, "WORKSPACE_RESTORED").await;
    assert_eq!(bob.get("/api/v1/startups").await.expect(200).text_at("/data/0/id"), startup);
    ada.post(&path(workspace, "/restore"), ()).await.expect_problem(409, "tenancy.deletion_not_pending");
    ada.get(&path(workspace, "/deletion")).await.expect_problem(404, "resource.not_found");
    let _ = ada.post(&path(workspace, "/delete"), ()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_those_who_delete_at_once_one_does() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let mut events = service.events().await;
    let (delete, restore) = (path(ada.workspace(), "/delete"), path(ada.workspace(), "/restore"));
    for (path, code) in [(&delete, 403), (&restore, 409)] {
        let answers = futures_util::future::join_all((0..6).map(|_| ada.post(path, ()))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, code, code, code, code, code]);
    }
    let told: Vec<_> = events.rest().await.into_iter().map(|event| event.event_type).collect();
    let audited = "audit.recorded".to_owned();
    let told: Vec<_> = told.into_iter().filter(|told| *told != audited).collect();
    assert_eq!(told, ["workspace.deletion_requested", "workspace.restored"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_grace_is_over_every_service_reports_and_nothing_is_left() {
    let time = ManualClock::at("2026-11-21T08:00:00Z".parse().unwrap());
    let mut service = TestService::<Tenancy>::start_with(|builder| builder.clock(time.clock())).await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let workspace = ada.workspace();
    join(&service, workspace, "Bob", ("MEMBER", "ACTIVE")).await;
    describe(&ada, "Engines").await;
    let kept = describe(&grace, "Compilers").await;
    ada.post("/api/v1/projects", json!({ "name": "Series A" })).await.expect(201);
    ada.post(&path(workspace, "/delete"), ()).await.expect(200);

    let mut events = service.events().await;
    pass(&mut service, &time, 30 * DAY - Duration::from_secs(60)).await;
    let ada = again(&service, &ada);
    assert_eq!(ada.get(&path(workspace, "/deletion")).await.expect(200).text_at("/state"), "PENDING");
    pass(&mut service, &time, Duration::from_secs(61)).await;
    assert_eq!(events.next_of("workspace.purge_requested").await.workspace_id, Some(workspace));
    let ada = again(&service, &ada);
    ada.post(&path(workspace, "/restore"), ()).await.expect_problem(409, "tenancy.deletion_begun");
    ada.get("/api/v1/startups").await.expect_problem(403, PENDING);
    let running = ada.get(&path(workspace, "/deletion")).await.expect(200);
    assert_eq!(running.text_at("/state"), "RUNNING");
    let names: Vec<_> =
        running.json["services"].as_array().unwrap().iter().map(|one| &one["service"]).collect();
    assert_eq!(names, SERVICES);

    for name in ["somebody-else", "tenancy", "auth", "auth", "billing", "chat", "council"] {
        report(&service, workspace, name).await;
    }
    let shown = eventually("four reports", async || {
        let shown = ada.get(&path(workspace, "/deletion")).await.expect(200).json;
        let done = shown["services"].as_array().unwrap().iter().filter(|one| one["done"] == true).count();
        (done == 4).then_some(shown)
    })
    .await;
    assert_eq!((&shown["services"][0]["rows"], &shown["services"][4]["done"]), (&json!(3), &json!(false)));
    report(&service, workspace, "webhooks").await;
    assert_eq!(events.next_of("workspace.deleted").await.workspace_id, Some(workspace));
    eventually("nothing is left", async || service.kept_of(workspace).await.is_empty()).await;
    ada.get(&path(workspace, "/deletion")).await.expect_problem(404, "access.workspace_not_found");
    let ended: Vec<_> = events.rest().await.into_iter().map(|event| event.event_type).collect();
    assert!(!ended.contains(&"workspace.deleted".to_owned()));
    let grace = again(&service, &grace);
    assert_eq!(grace.get("/api/v1/startups").await.expect(200).text_at("/data/0/id"), kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_report_is_asked_again_each_day() {
    let time = ManualClock::at("2026-11-21T08:00:00Z".parse().unwrap());
    let mut service = TestService::<Tenancy>::start_with(|builder| builder.clock(time.clock())).await;
    let ada = settle(&service, "Ada").await;
    ada.post(&path(ada.workspace(), "/delete"), ()).await.expect(200);
    pass(&mut service, &time, 31 * DAY).await;
    let mut events = service.events().await;
    pass(&mut service, &time, DAY - Duration::from_secs(60)).await;
    assert!(events.rest().await.iter().all(|event| event.event_type != "workspace.purge_requested"));
    pass(&mut service, &time, Duration::from_secs(61)).await;
    assert_eq!(events.next_of("workspace.purge_requested").await.workspace_id, Some(ada.workspace()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_restored_on_the_last_day_is_not_purged() {
    let time = ManualClock::at("2026-11-21T08:00:00Z".parse().unwrap());
    let mut service = TestService::<Tenancy>::start_with(|builder| builder.clock(time.clock())).await;
    let ada = settle(&service, "Ada").await;
    ada.post(&path(ada.workspace(), "/delete"), ()).await.expect(200);
    pass(&mut service, &time, 30 * DAY - Duration::from_secs(60)).await;
    again(&service, &ada).post(&path(ada.workspace(), "/restore"), ()).await.expect(200);
    let mut events = service.events().await;
    pass(&mut service, &time, DAY).await;
    let _ = again(&service, &ada).get("/api/v1/startups").await.expect(200);
    assert!(events.rest().await.iter().all(|event| event.event_type != "workspace.purge_requested"));
}
