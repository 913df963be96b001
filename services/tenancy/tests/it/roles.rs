//! Roles that a workspace makes for itself.

use serde_json::{Value, json};
use witan_events::contracts::audit::v1::AuditRecorded;
use witan_events::contracts::tenancy::v1::{RoleCreated, RoleDeleted, RoleUpdated};
use witan_ids::RoleId;
use witan_tenancy::Tenancy;
use witan_testkit::{Answer, Client, TestService, eventually_within};

use crate::member_changes::path_of;
use crate::{acquaint, join, settle};

fn roles(person: &Client) -> String {
    format!("/api/v1/workspaces/{}/roles", person.workspace())
}

async fn make(person: &Client, name: &str, permissions: &[&str]) -> Answer {
    person.post(&roles(person), json!({ "name": name, "permissions": permissions })).await
}

/// Somebody with a role of these permissions; the role's path.
async fn join_as(
    service: &TestService<Tenancy>,
    admin: &Client,
    name: &str,
    permissions: &[&str],
) -> (Client, String) {
    let made = make(admin, &format!("Role of {name}"), permissions).await.expect(201);
    let person = join(service, admin.workspace(), name, ("MEMBER", "ACTIVE")).await;
    let role = made.text_at("/id");
    let changed = admin.patch(&path_of(admin, &person), json!({ "role": role })).await.expect(200);
    assert_eq!(changed.text_at("/role"), role);
    (person, made.header("location").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_made_changed_and_deleted_and_everybody_hears_of_it() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let mut events = service.events().await;
    let made =
        make(&ada, " Editor ", &["startups:write", "startups:read", "startups:write"]).await.expect(201);
    assert_eq!(made.text_at("/name"), "Editor");
    assert_eq!(made.json["permissions"], json!(["startups:read", "startups:write"]));
    let path = made.header("location").to_owned();
    assert_eq!(ada.get(&path).await.expect(200).json, made.json);
    assert_eq!(events.next::<RoleCreated>().await.1.permissions, ["startups:read", "startups:write"]);
    assert_eq!(events.next::<AuditRecorded>().await.1.action, "ROLE_CREATED");

    let body = json!({ "permissions": ["startups:read"], "description": "Reads" });
    let changed = ada.patch(&path, body).await.expect(200);
    assert_eq!(
        (changed.text_at("/name"), changed.text_at("/description")),
        ("Editor".into(), "Reads".into())
    );
    assert_eq!(events.next::<RoleUpdated>().await.1.permissions, ["startups:read"]);
    let (_, entry) = events.next::<AuditRecorded>().await;
    assert_eq!(entry.details["permissions"], "startups:read startups:write");
    assert_eq!(
        (entry.action.as_str(), entry.details["newPermissions"].as_str()),
        ("ROLE_CHANGED", "startups:read")
    );
    assert_eq!(ada.get(&roles(&ada)).await.expect(200).json["data"], json!([changed.json]));

    ada.delete(&path).await.expect(204);
    ada.get(&path).await.expect_problem(404, "resource.not_found");
    events.next::<RoleDeleted>().await;
    assert_eq!(events.next::<AuditRecorded>().await.1.action, "ROLE_DELETED");
    ada.delete(&path).await.expect_problem(404, "resource.not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_allows_holds_everywhere_from_the_moment_it_changes() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let (bob, role) = join_as(&service, &ada, "Bob", &["startups:read", "startups:write"]).await;
    bob.post("/api/v1/startups", json!({ "name": "Engines" })).await.expect(201);
    bob.get(&path_of(&ada, &ada)).await.expect_problem(403, "access.permission_denied");
    let asked = format!("/internal/memberships?userId={}&workspaceId={}", bob.user.unwrap(), ada.workspace());
    let membership = async || service.internal("chat").get(&asked).await.expect(200).json;
    let id: RoleId = role.rsplit('/').next().unwrap().parse().unwrap();
    let before = membership().await;
    assert_eq!(
        (&before["role"], &before["permissions"]),
        (&json!(id), &json!(["startups:read", "startups:write"]))
    );
    let own = bob.get("/api/v1/workspaces").await.expect(200);
    assert_eq!(own.text_at("/data/0/role"), id.to_string());

    let other = service.replica().await.unwrap();
    let base = format!("http://{}/", other.public_addr).parse().unwrap();
    let there = Client::anonymous(base).with_token(bob.token().unwrap()).in_workspace(bob.workspace());
    there.post("/api/v1/startups", json!({ "name": "There" })).await.expect(201);

    ada.patch(&role, json!({ "permissions": ["startups:read", "members:read"] })).await.expect(200);
    bob.post("/api/v1/startups", json!({ "name": "No" })).await.expect(403);
    bob.get(&path_of(&ada, &ada)).await.expect(200);
    assert_eq!(membership().await["permissions"], json!(["members:read", "startups:read"]));
    let limit = std::time::Duration::from_secs(2);
    eventually_within(limit, "the other process knows", async || {
        there.get(&path_of(&ada, &ada)).await.status == 200
    })
    .await;
    there.post("/api/v1/startups", json!({ "name": "No" })).await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_more_than_they_have() {
    const EXCEEDED: &str = "tenancy.rights_exceeded";
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let manage = ["members:read", "members:manage", "roles:manage", "startups:read"];
    let (bob, own) = join_as(&service, &ada, "Bob", &manage).await;
    let (eve, less) = join_as(&service, &ada, "Eve", &["startups:read"]).await;
    let joan = join(&service, ada.workspace(), "Joan", ("MEMBER", "ACTIVE")).await;
    let less = less.rsplit('/').next().unwrap().to_owned();

    // Members: Joan's role and ADMIN allow what Bob's does not.
    for role in ["ADMIN", "MEMBER"] {
        bob.patch(&path_of(&ada, &eve), json!({ "role": role })).await.expect_problem(403, EXCEEDED);
        bob.patch(&path_of(&ada, &bob), json!({ "role": role })).await.expect_problem(403, EXCEEDED);
    }
    for whom in [&joan, &ada] {
        bob.patch(&path_of(&ada, whom), json!({ "role": less })).await.expect_problem(403, EXCEEDED);
        bob.post(&format!("{}/deactivate", path_of(&ada, whom)), ()).await.expect_problem(403, EXCEEDED);
        bob.post(&format!("{}/activate", path_of(&ada, whom)), ()).await.expect_problem(403, EXCEEDED);
        bob.delete(&path_of(&ada, whom)).await.expect_problem(403, EXCEEDED);
    }
    let grace = settle(&service, "Grace").await;
    acquaint(&service, &bob, &grace).await;
    let members = format!("/api/v1/workspaces/{}/members", ada.workspace());
    let add = |role: &str| json!({ "userId": grace.user.unwrap(), "role": role });
    bob.post(&members, add("MEMBER")).await.expect_problem(403, EXCEEDED);
    bob.post(&members, add(&less)).await.expect(201);
    bob.delete(&path_of(&ada, &eve)).await.expect(204);

    // Roles: neither a new one, nor his own, nor one that allows more.
    make(&bob, "Mighty", &["startups:read", "startups:write"]).await.expect_problem(403, EXCEEDED);
    bob.patch(&own, json!({ "permissions": ["plan:manage"] })).await.expect_problem(403, EXCEEDED);
    let mighty = make(&ada, "Mighty", &["plan:manage"]).await.expect(201).header("location").to_owned();
    bob.patch(&mighty, json!({ "permissions": ["startups:read"] })).await.expect_problem(403, EXCEEDED);
    bob.delete(&mighty).await.expect_problem(403, EXCEEDED);
    make(&bob, "Reader", &["startups:read"]).await.expect(201);
    joan.get(&roles(&ada)).await.expect(200);
    make(&joan, "Mine", &["startups:read"]).await.expect_problem(403, "access.permission_denied");
    assert_eq!(ada.get(&path_of(&ada, &joan)).await.expect(200).text_at("/role"), "MEMBER");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_somebody_has_stays() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let (bob, role) = join_as(&service, &ada, "Bob", &["startups:read"]).await;
    ada.delete(&role).await.expect_problem(409, "tenancy.role_in_use");
    ada.post(&format!("{}/deactivate", path_of(&ada, &bob)), ()).await.expect(200);
    ada.delete(&role).await.expect_problem(409, "tenancy.role_in_use");
    ada.patch(&path_of(&ada, &bob), json!({ "role": "MEMBER" })).await.expect(200);
    ada.delete(&role).await.expect(204);
}

/// Neither is lost: the role of a member is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_deleted_and_given_at_once_is_one_of_both() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    for round in 0..8 {
        let made = make(&ada, &format!("Role {round}"), &["startups:read"]).await.expect(201);
        let (id, path, place) =
            (made.text_at("/id"), made.header("location").to_owned(), path_of(&ada, &bob));
        let given = ada.patch(&place, json!({ "role": id }));
        let (deleted, given) = futures_util::future::join(ada.delete(&path), given).await;
        match (deleted.status.as_u16(), given.status.as_u16()) {
            (204, 422) | (409, 200) => {}
            statuses => panic!("{statuses:?}"),
        }
        ada.patch(&place, json!({ "role": "MEMBER" })).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_differ_in_more_than_their_case() {
    const TAKEN: &str = "tenancy.role_name_taken";
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    make(&ada, "Prüfer", &["startups:read"]).await.expect(201);
    let second = make(&ada, "Second", &["startups:read"]).await.expect(201).header("location").to_owned();
    for name in ["PRÜFER", " prüfer ", "Admin", "member"] {
        make(&ada, name, &["startups:read"]).await.expect_problem(409, TAKEN);
        ada.patch(&second, json!({ "name": name })).await.expect_problem(409, TAKEN);
    }
    ada.patch(&second, json!({ "name": "SECOND" })).await.expect(200);
    make(&grace, "Prüfer", &["startups:read"]).await.expect(201);
    let names = ada.get(&roles(&ada)).await.expect(200);
    let names: Vec<_> =
        names.json["data"].as_array().unwrap().iter().map(|role| role["name"].clone()).collect();
    assert_eq!(names, ["Prüfer", "SECOND"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_role_is_refused() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let pointers = |answer: Answer| {
        let answer = answer.expect_problem(422, "validation.failed");
        let errors = answer.json["errors"].as_array().unwrap().clone();
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let wrong = make(&ada, " ", &["startups:read", "startups:eat", "workspace:delete"]).await;
    assert_eq!(pointers(wrong), ["/name", "/permissions/1", "/permissions/2"]);
    for body in [
        json!({ "name": "x" }),
        json!({ "name": "x", "permissions": [] }),
        json!({ "name": "x".repeat(61), "permissions": ["chat:read"] }),
        json!({ "name": "x", "permissions": ["chat:read"], "id": "ADMIN" }),
        json!({ "name": "x", "permissions": [null] }),
    ] {
        ada.post(&roles(&ada), &body).await.expect_problem(422, "validation.failed");
    }
    assert_eq!(ada.get(&roles(&ada)).await.expect(200).json["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_are_enough_also_at_once() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let first: Vec<String> = (0..45).map(|number| format!("Role {number}")).collect();
    for name in &first {
        make(&ada, name, &["chat:read"]).await.expect(201);
    }
    let rest: Vec<String> = (45..60).map(|number| format!("Role {number}")).collect();
    let answers =
        futures_util::future::join_all(rest.iter().map(|name| make(&ada, name, &["chat:read"]))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 5);
    for refused in answers.into_iter().filter(|answer| answer.status != 201) {
        refused.expect_problem(409, "tenancy.role_limit");
    }
    assert_eq!(ada.get(&roles(&ada)).await.expect(200).json["data"].as_array().unwrap().len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_role_answers_like_none() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let foreign = make(&ada, "Editor", &["startups:read"]).await.expect(201).text_at("/id");
    let bob = join(&service, grace.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    acquaint(&service, &grace, &ada).await;
    for id in [foreign.clone(), RoleId::generate(service.clock()).to_string()] {
        let path = format!("{}/{id}", roles(&grace));
        grace.get(&path).await.expect_problem(404, "resource.not_found");
        grace.patch(&path, json!({ "name": "Mine" })).await.expect_problem(404, "resource.not_found");
        grace.delete(&path).await.expect_problem(404, "resource.not_found");
        let given = grace.patch(&path_of(&grace, &bob), json!({ "role": id })).await;
        assert_eq!(given.expect_problem(422, "validation.failed").text_at("/errors/0/pointer"), "/role");
        let body = json!({ "userId": ada.user.unwrap(), "role": id });
        grace.post(&format!("/api/v1/workspaces/{}/members", grace.workspace()), body).await.expect(422);
        let listed = format!("/api/v1/workspaces/{}/members?role={id}", grace.workspace());
        assert_eq!(grace.get(&listed).await.expect(200).json["data"], json!([]));
    }
    let outsider = grace.clone().in_no_workspace();
    outsider.get(&roles(&ada)).await.expect_problem(404, "access.workspace_not_found");
    outsider.delete(&format!("{}/{foreign}", roles(&ada))).await.expect(404);
    assert_eq!(ada.get(&format!("{}/{foreign}", roles(&ada))).await.expect(200).text_at("/name"), "Editor");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_names_what_can_be_granted() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let catalogue = ada.in_no_workspace().get("/api/v1/permissions").await.expect(200);
    let permissions = catalogue.json["permissions"].as_array().unwrap();
    let known: Vec<&Value> = permissions.iter().map(|one| &one["name"]).collect();
    assert_eq!(Value::from(known.into_iter().cloned().collect::<Vec<_>>()), catalogue.json["admin"]);
    let delete = permissions.iter().find(|one| one["name"] == "workspace:delete").unwrap();
    assert_eq!((&delete["grantable"], &delete["administrative"]), (&json!(false), &json!(true)));
    assert!(permissions.iter().all(|one| one["description"].as_str().unwrap().ends_with('.')));
    assert!(catalogue.json["member"].as_array().unwrap().contains(&json!("chat:write")));
    service.anon().get("/api/v1/permissions").await.expect(401);
}
