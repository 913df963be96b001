//! Webhook endpoints that were switched off: who runs the workspace hears of it.

use std::time::Duration;

use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_events::contracts::webhooks::v1::EndpointDisabled;
use witan_ids::{EndpointId, UserId, WorkspaceId};
use witan_testkit::eventually;

use crate::world::World;

const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";
const EVE: &str = "eve@example.org";
const KIND: &str = "endpoint_disabled";

/// An endpoint of the workspace is given up; the event arrives `times` times.
async fn disabled(world: &World, workspace: WorkspaceId, reason: &str, times: usize) -> EndpointId {
    let endpoint = EndpointId::generate(world.service.clock());
    let event = EndpointDisabled {
        workspace_id: workspace.to_string(),
        endpoint_id: endpoint.to_string(),
        reason: reason.to_owned(),
    };
    let envelope = world.service.tell(Some(workspace), &event.endpoint_id, &event).await;
    for _ in 1..times {
        world.service.repeat(&envelope).await;
    }
    endpoint
}

fn notices(world: &World, to: &str) -> Vec<Value> {
    world.mails(to).into_iter().filter(|mail| mail["kind"] == KIND).collect()
}

#[tokio::test]
async fn everybody_who_runs_the_workspace_gets_one_mail_and_nobody_else() {
    let world = World::start().await;
    let [here, there] = [world.workspace_id(), world.workspace_id()];
    let peers = world.service.peers();
    peers.admin(world.person(ADA).await, here);
    peers.admin(world.person(BOB).await, here);
    let eve = world.person(EVE).await;
    peers.member(eve, here);
    peers.admin(eve, there);
    // Somebody who was erased here and whom tenancy has not forgotten yet.
    peers.admin(UserId::generate(world.service.clock()), here);

    let endpoint = disabled(&world, here, "GONE", 3).await;
    world.mail_of_kind(ADA, KIND).await;
    world.mail_of_kind(BOB, KIND).await;
    disabled(&world, there, "FAILING", 1).await;
    let eves = world.mail_of_kind(EVE, KIND).await;
    world.jobs_done().await;
    for to in [ADA, BOB, EVE] {
        assert_eq!(notices(&world, to).len(), 1, "{to}");
    }
    assert_eq!(eves["subject"], "A webhook endpoint was switched off");
    let text = world.outbox_text();
    for said in [endpoint.to_string(), here.to_string(), "(410)".to_owned(), "failures for days".to_owned()] {
        assert!(text.contains(&said), "{said}");
    }
    assert_eq!(world.count("mails WHERE sealed IS NOT NULL").await, 0);
}

#[tokio::test]
async fn it_waits_for_tenancy_and_is_mailed_once() {
    let time = ManualClock::at(chrono::DateTime::from_timestamp(1_900_000_000, 0).unwrap());
    let world = World::start_at(time.clone(), |builder| builder).await;
    let workspace = world.workspace_id();
    let ada = world.person(ADA).await;
    let path = format!("/internal/workspaces/{workspace}/admins");
    world.service.peers().answer("GET", &path, 503, json!({ "code": "system.unavailable" }));
    disabled(&world, workspace, "FAILING", 1).await;
    let waiting = "jobs WHERE kind = 'mail.endpoint_disabled' AND state = 'ready' AND last_error IS NOT NULL";
    world.until("it waits", waiting, 1).await;
    assert!(notices(&world, ADA).is_empty());
    world.service.peers().answer("GET", &path, 200, json!([ada]));
    eventually("the mail", async || {
        time.advance(Duration::from_secs(60));
        !notices(&world, ADA).is_empty()
    })
    .await;
    world.jobs_done().await;
    assert_eq!(notices(&world, ADA).len(), 1);
}

#[tokio::test]
async fn closed_accounts_get_none() {
    let world = World::start().await;
    let workspace = world.workspace_id();
    for person in [ADA, BOB] {
        world.service.peers().admin(world.person(person).await, workspace);
    }
    world
        .sql("UPDATE users SET state = 'DEACTIVATED', deactivated_at = now() WHERE email = 'ada@example.org'")
        .await;
    disabled(&world, workspace, "GONE", 1).await;
    world.mail_of_kind(BOB, KIND).await;
    world.jobs_done().await;
    assert!(notices(&world, ADA).is_empty());
}
