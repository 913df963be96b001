//! All that a workspace has, in one document.

use serde_json::{Value, json};
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService};

use crate::deletion::stale;
use crate::{audited, describe, join, settle};

fn path(person: &Client) -> String {
    format!("/api/v1/workspaces/{}/export", person.workspace())
}

fn of<'a>(told: &'a Value, kind: &str) -> Vec<&'a Value> {
    told["tenancy"].as_array().unwrap().iter().filter(|line| line["kind"] == kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_service_tells_what_it_holds_and_nothing_of_others() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    describe(&ada, "Engines").await;
    let gone = describe(&ada, "Given up").await;
    ada.delete(&format!("/api/v1/startups/{gone}")).await.expect(204);
    describe(&grace, "Compilers").await;
    bob.post("/api/v1/projects", json!({ "name": "Series A" })).await.expect(201);
    let role = json!({ "name": "Editor", "permissions": ["startups:write"] });
    ada.post(&format!("/api/v1/workspaces/{}/roles", ada.workspace()), role).await.expect(201);
    for name in ["auth", "chat", "council", "webhooks", "billing"] {
        let line = json!({ "kind": "thing", "of": name });
        service.peers().hold_of_workspace(name, ada.workspace(), [line.clone(), line]);
        service.peers().hold_of_workspace(name, grace.workspace(), [json!({ "kind": "secret" })]);
    }
    let mut events = service.events().await;
    let answer = ada.get(&path(&ada)).await.expect(200);
    assert!(answer.header("content-disposition").contains("witan-workspace-"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let told: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!((&told["workspaceId"], &told["complete"]), (&json!(ada.workspace()), &json!(true)));
    for name in ["auth", "chat", "council", "webhooks", "billing"] {
        assert_eq!(told[name], json!([{ "kind": "thing", "of": name }, { "kind": "thing", "of": name }]));
    }
    assert_eq!(of(&told, "workspace")[0]["name"], "Ada's workspace");
    let mut emails: Vec<_> = of(&told, "member").iter().map(|line| line["email"].as_str().unwrap()).collect();
    emails.sort_unstable();
    assert_eq!(emails, ["ada@example.org", "bob@example.org"]);
    let startups: Vec<_> = of(&told, "startup").iter().map(|line| &line["name"]).collect();
    assert_eq!(startups, ["Engines"]);
    assert_eq!(of(&told, "role")[0]["name"], "Editor");
    assert_eq!(of(&told, "project")[0]["createdBy"], json!(bob.user.unwrap()));
    for foreign in ["Compilers", "grace@example.org", "secret"] {
        assert!(!answer.text.contains(foreign), "{foreign}");
    }
    let entry = audited(&mut events, "WORKSPACE_EXPORTED").await;
    assert_eq!(entry.actor_id, ada.user.unwrap().to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_runs_it_and_has_just_proved_who_they_are_gets_it() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let mut events = service.events().await;
    bob.get(&path(&ada)).await.expect_problem(403, "access.permission_denied");
    stale(&service, &ada).get(&path(&ada)).await.expect_problem(403, "access.step_up_required");
    grace.in_no_workspace().get(&path(&ada)).await.expect_problem(404, "access.workspace_not_found");
    assert!(service.peers().asked().iter().all(|asked| !asked.request.ends_with("/held")));
    service.peers().set_service_away("billing", true);
    let answer = ada.get(&path(&ada)).await.expect_problem(503, "tenancy.export_unavailable");
    assert!(answer.text_at("/detail").contains("billing") && answer.header("retry-after") == "5");
    assert!(events.rest().await.is_empty(), "nothing was given out");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_given_while_the_workspace_awaits_its_deletion() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    ada.post(&format!("/api/v1/workspaces/{}/delete", ada.workspace()), ()).await.expect(200);
    let told = ada.get(&path(&ada)).await.expect(200).json;
    assert!(of(&told, "workspace")[0]["deletionDueAt"].is_string());
    bob.get(&path(&ada)).await.expect_problem(403, "access.permission_denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_is_told_whole_and_a_broken_one_has_no_end() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let (user, place) = (ada.user.unwrap().uuid(), ada.workspace().uuid());
    let fill = format!(
        "INSERT INTO tenancy.startups (workspace_id, id, name, created_by, created_at, updated_at)
         SELECT '{place}', gen_random_uuid(), 'Nr. ' || n, '{user}', now(), now() FROM generate_series(1, 250) n"
    );
    service.database().superuser().await.unwrap().batch_execute(&fill).await.unwrap();
    let told = ada.get(&path(&ada)).await.expect(200).json;
    let mut names: Vec<_> = of(&told, "startup").iter().map(|line| line["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 250);

    let run = json!({ "kind": "run", "answer": "a".repeat(1000) });
    service.peers().hold_of_workspace("council", ada.workspace(), std::iter::repeat_n(run, 1000));
    service.peers().break_off("council");
    let mut answer = ada.request("GET".parse().unwrap(), &path(&ada)).send().await.unwrap();
    let end = loop {
        match answer.chunk().await {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert!(end.is_err(), "the end is no end");
}
