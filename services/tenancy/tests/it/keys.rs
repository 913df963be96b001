//! What API keys may do with members.

use serde_json::json;
use witan_access::Scope;
use witan_ids::UserId;
use witan_tenancy::Tenancy;
use witan_testkit::TestService;

use crate::member_changes::path_of;
use crate::{join, settle};

const EXCEEDED: &str = "tenancy.rights_exceeded";

/// A key gives what its scopes cover: one that may run the workspace and not write in it makes nobody a writer.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_gives_no_more_than_its_scopes_cover() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let roles = format!("/api/v1/workspaces/{}/roles", ada.workspace());
    let clerk = json!({ "name": "Clerk", "permissions": ["members:manage"] });
    let clerk = ada.post(&roles, clerk).await.expect(201).text_at("/id");
    let path = path_of(&ada, &bob);
    let identity = UserId::generate(service.clock());
    let (of_workspace, _) = service.api_key(identity, Some(ada.workspace()), &[Scope::Admin]);
    let (of_person, _) = service.api_key(ada.user.unwrap(), None, &[Scope::Admin]);
    for key in [of_workspace, of_person.in_workspace(ada.workspace())] {
        key.patch(&path, json!({ "role": "ADMIN" })).await.expect_problem(403, EXCEEDED);
        key.delete(&path).await.expect_problem(403, EXCEEDED);
        ada.patch(&path, json!({ "role": clerk })).await.expect(200);
        assert_eq!(
            key.post(&format!("{path}/deactivate"), ()).await.expect(200).text_at("/status"),
            "INACTIVE"
        );
        key.post(&format!("{path}/activate"), ()).await.expect(200);
        key.post(&format!("/api/v1/workspaces/{}/leave", ada.workspace()), ()).await.expect(403);
        ada.patch(&path, json!({ "role": "MEMBER" })).await.expect(200);
    }
    let (mighty, _) = service.api_key(identity, Some(ada.workspace()), &Scope::ALL);
    assert_eq!(mighty.patch(&path, json!({ "role": "ADMIN" })).await.expect(200).text_at("/role"), "ADMIN");
    let (reading, _) = service.api_key(identity, Some(ada.workspace()), &[Scope::Read, Scope::Write]);
    reading.get(&path).await.expect(200);
    reading.delete(&path).await.expect_problem(403, "access.scope_missing");
}

/// A key of a person is as good as the person is at that moment.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_somebody_who_runs_nothing_any_more_runs_nothing() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("ADMIN", "ACTIVE")).await;
    let eve = join(&service, ada.workspace(), "Eve", ("MEMBER", "ACTIVE")).await;
    let (key, _) = service.api_key(bob.user.unwrap(), None, &Scope::ALL);
    let key = key.in_workspace(ada.workspace());
    key.post(&format!("{}/deactivate", path_of(&ada, &eve)), ()).await.expect(200);
    ada.patch(&path_of(&ada, &bob), json!({ "role": "MEMBER" })).await.expect(200);
    let again = key.post(&format!("{}/activate", path_of(&ada, &eve)), ()).await;
    again.expect_problem(403, "access.permission_denied");
}
