//! What administrators do with accounts of others.

use serde_json::{Value, json};
use witan_testkit::{Answer, Client};

use crate::world::{PASSWORD, World};

const ROOT: &str = "root@example.org";
const ADA: &str = "ada@example.org";
const USERS: &str = "/api/v1/users";

async fn world() -> (World, Client) {
    let world = World::start_with(|builder| builder.env("AUTH_PLATFORM_ADMINS", ROOT)).await;
    let session = world.session(ROOT).await;
    let root = world.with_token(&session.text_at("/accessToken"));
    (world, root)
}

async fn post(root: &Client, id: &str, what: &str) -> Answer {
    root.post(&format!("{USERS}/{id}/{what}"), ()).await
}

fn owner() -> Value {
    json!({"email": ADA, "password": PASSWORD})
}

#[tokio::test]
async fn an_account_that_was_made_opens_with_the_mailed_link() {
    let (world, root) = world().await;
    let body = json!({"email": ADA, "name": "Ada"});
    let made = root.post(USERS, &body).await.expect(201);
    let id = made.text_at("/id");
    assert_eq!(made.headers["location"], format!("{USERS}/{id}"));
    assert_eq!(made.text_at("/state"), "PENDING_VERIFY");
    root.post(USERS, &body).await.expect_problem(409, "auth.address_taken");
    root.post(USERS, json!({"email": ROOT, "name": "Me"})).await.expect_problem(409, "auth.address_taken");
    root.post(USERS, json!({"email": "x", "name": " "})).await.expect_problem(422, "validation.failed");
    world.login(ADA, PASSWORD).await.expect_problem(401, "auth.invalid_credentials");
    post(&root, &id, "suspend").await.expect_problem(409, "auth.account_state");

    let token = world.mail_of_kind(ADA, "account_created").await["token"].as_str().unwrap().to_owned();
    let reset = json!({"token": token, "newPassword": PASSWORD});
    world.anon().post("/api/v1/auth/reset-password", &reset).await.expect(204);
    world.anon().post("/api/v1/auth/reset-password", &reset).await.expect(422);
    let shown = root.get(&format!("{USERS}/{id}")).await.expect(200);
    assert_eq!((shown.text_at("/state"), shown.text_at("/name")), ("ACTIVE".into(), "Ada".into()));
    let verified = async || loop {
        let event = world.event("user.verified").await;
        if event["userId"] == id.as_str() {
            return event;
        }
    };
    assert_eq!(verified().await["name"], "Ada");
    let _ = world.login(ADA, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn who_was_suspended_cannot_open_the_account_and_an_administrator_can() {
    let (world, root) = world().await;
    let session = world.session(ADA).await;
    let ada = world.with_token(&session.text_at("/accessToken"));
    let id = ada.get("/api/v1/auth/me").await.expect(200).text_at("/id");
    let suspended = post(&root, &id, "suspend").await.expect(200);
    assert_eq!(
        (suspended.text_at("/state"), &suspended.json["suspended"]),
        ("DEACTIVATED".into(), &json!(true))
    );
    assert_eq!(world.event("user.deactivated").await["suspended"], true);
    assert_eq!(world.audited("SUSPEND_ACCOUNT").await["subjectId"], id.as_str());
    ada.get("/api/v1/auth/me").await.expect(401);
    world.login(ADA, PASSWORD).await.expect_problem(403, "auth.account_suspended");
    let reactivate = "/api/v1/auth/reactivate";
    world.anon().post(reactivate, owner()).await.expect_problem(403, "auth.account_suspended");
    post(&root, &id, "suspend").await.expect_problem(409, "auth.account_state");
    let notice = world.mail_of_kind(ADA, "security_notice").await;
    assert!(notice["token"].is_null(), "no link leads back in");

    // An owner who closed the account first does not get around it, nor does a deletion that is taken back.
    post(&root, &id, "reactivate").await.expect(200);
    let again = world.login(ADA, PASSWORD).await.expect(200);
    world.with_token(&again.text_at("/accessToken")).post("/api/v1/auth/deactivate", ()).await.expect(200);
    let link = world.mail_of_kind(ADA, "account_deactivated").await["token"].as_str().unwrap().to_owned();
    post(&root, &id, "suspend").await.expect(200);
    let restore = "/api/v1/auth/restore-account";
    let by_link = world.anon().post(restore, json!({"token": link})).await;
    assert!([403, 422].contains(&by_link.status.as_u16()), "{}", by_link.status);
    world.anon().post(reactivate, owner()).await.expect_problem(403, "auth.account_suspended");
    let deleted = root.delete(&format!("{USERS}/{id}")).await.expect(200);
    assert_eq!(deleted.text_at("/state"), "PENDING_DELETION");
    assert!(deleted.json["deletionDueAt"].is_string());
    world.anon().post(restore, owner()).await.expect_problem(403, "auth.account_suspended");
    root.delete(&format!("{USERS}/{id}")).await.expect_problem(409, "auth.account_state");
    let open =
        root.patch(&format!("{USERS}/{id}"), json!({"state": "ACTIVE", "name": "Augusta"})).await.expect(200);
    assert_eq!((open.text_at("/state"), open.text_at("/name")), ("ACTIVE".into(), "Augusta".into()));
    assert_eq!(world.event("user.renamed").await["name"], "Augusta");
    post(&root, &id, "reactivate").await.expect_problem(409, "auth.account_state");
    let _ = world.login(ADA, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn accounts_are_found_page_by_page() {
    let (world, root) = world().await;
    for number in 0..5 {
        let body = json!({"email": format!("p_{number}@example.org"), "name": format!("Person {number}")});
        root.post(USERS, body).await.expect(201);
    }
    let (mut found, mut next) = (Vec::new(), format!("{USERS}?search=P_&state=PENDING_VERIFY&limit=2"));
    loop {
        let page = root.get(&next).await.expect(200);
        found.extend(
            page.json["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|user| user["name"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page.json["nextCursor"].as_str() else { break };
        next = format!("{USERS}?search=P_&state=PENDING_VERIFY&limit=2&cursor={cursor}");
    }
    assert_eq!(found, ["Person 4", "Person 3", "Person 2", "Person 1", "Person 0"]);
    let one = root.get(&format!("{USERS}?state=ACTIVE")).await.expect(200);
    assert_eq!(one.json["data"].as_array().unwrap().len(), 1);
    root.get(&format!("{USERS}?state=GONE")).await.expect_problem(400, "request.query_invalid");
    drop(world);
}

#[tokio::test]
async fn only_who_runs_the_installation_may_and_not_to_themselves() {
    let (world, root) = world().await;
    let session = world.session(ADA).await;
    let ada = world.with_token(&session.text_at("/accessToken"));
    let id = root.get("/api/v1/auth/me").await.expect(200).text_at("/id");
    for what in ["suspend", "reactivate"] {
        post(&ada, &id, what).await.expect(403);
        post(&world.anon(), &id, what).await.expect(401);
    }
    for path in [USERS.to_owned(), format!("{USERS}/{id}"), format!("{USERS}/{id}/erasure")] {
        ada.get(&path).await.expect(403);
    }
    ada.delete(&format!("{USERS}/{id}")).await.expect(403);
    ada.patch(&format!("{USERS}/{id}"), json!({"name": "Eve"})).await.expect(403);
    ada.post(USERS, json!({"email": "eve@example.org", "name": "Eve"})).await.expect(403);
    post(&root, &id, "suspend").await.expect_problem(409, "auth.own_account");
    root.delete(&format!("{USERS}/{id}")).await.expect_problem(409, "auth.own_account");
    let nobody = witan_ids::UserId::generate(world.service.clock()).to_string();
    for what in ["suspend", "reactivate"] {
        post(&root, &nobody, what).await.expect(404);
    }
    root.get(&format!("{USERS}/{nobody}")).await.expect(404);
    root.get(&format!("{USERS}/{nobody}/erasure")).await.expect(404);
    root.patch(&format!("{USERS}/{nobody}"), json!({"name": "X"})).await.expect(404);
    assert_eq!(world.count("users WHERE state = 'ACTIVE'").await, 2);
}

#[tokio::test]
async fn a_last_administrator_is_suspended_by_force_only() {
    let (world, root) = world().await;
    let session = world.session(ADA).await;
    let ada = world.with_token(&session.text_at("/accessToken"));
    let id = ada.get("/api/v1/auth/me").await.expect(200).text_at("/id");
    let (peers, workspace) = (world.service.peers(), world.workspace_id());
    peers.admin(id.parse().unwrap(), workspace);
    peers.member(witan_ids::UserId::generate(world.service.clock()), workspace);
    post(&root, &id, "suspend").await.expect_problem(409, "auth.last_admin");
    post(&root, &id, "suspend?force=true").await.expect(200);
}

#[tokio::test]
async fn people_of_another_system_keep_their_passwords() {
    let (world, root) = world().await;
    let hash = bcrypt::hash(PASSWORD, 4).unwrap();
    let body = json!({"email": ADA, "name": "Ada", "emailVerified": true, "passwordHash": hash});
    let made = root.post(USERS, &body).await.expect(201);
    assert_eq!(made.text_at("/state"), "ACTIVE");
    root.post(USERS, &body).await.expect_problem(409, "auth.address_taken");
    world.jobs_done().await;
    assert!(world.mails(ADA).is_empty(), "nobody needs a link");
    world.login(ADA, "something else entirely").await.expect_problem(401, "auth.invalid_credentials");
    let _ = world.login(ADA, PASSWORD).await.expect(200);
    assert_eq!(world.count("users WHERE password_hash LIKE '$2b$%'").await, 0, "the log-in replaced it");
    let _ = world.login(ADA, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_hash_is_taken_only_with_a_proved_address_and_only_if_it_can_be_compared() {
    let (world, root) = world().await;
    let good = bcrypt::hash(PASSWORD, 4).unwrap();
    let dear = good.replacen("$04$", "$15$", 1);
    let argon =
        "$argon2id$v=19$m=1048576,t=2,p=1$c29tZXNhbHRzb21l$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let unproved = json!({"email": ADA, "name": "Ada", "passwordHash": good});
    let refused = root.post(USERS, &unproved).await.expect_problem(422, "validation.failed");
    assert_eq!(refused.text_at("/errors/0/pointer"), "/emailVerified");
    for hash in ["5f4dcc3b5aa765d61d8327deb882cf99", "", PASSWORD, dear.as_str(), argon] {
        let body = json!({"email": ADA, "name": "Ada", "emailVerified": true, "passwordHash": hash});
        let refused = root.post(USERS, &body).await.expect_problem(422, "validation.failed");
        assert_eq!(refused.text_at("/errors/0/pointer"), "/passwordHash", "{hash}");
    }
    assert_eq!(world.count(&format!("users WHERE email = '{ADA}'")).await, 0);
}

/// Somebody registers the address of a person whom an administrator brings along later.
#[tokio::test]
async fn who_only_registered_an_address_has_no_way_into_the_account_that_is_brought_along() {
    let (world, root) = world().await;
    let squatter = json!({"email": ADA, "password": "a squatter's own pass phrase", "name": "Mallory"});
    world.anon().post("/api/v1/auth/register", &squatter).await.expect(202);
    let token = world.mail_of_kind(ADA, "verify_email").await["token"].as_str().unwrap().to_owned();
    let body = json!({"email": ADA, "name": "Ada", "emailVerified": true});
    let made = root.post(USERS, &body).await.expect(201);
    assert_eq!((made.text_at("/state"), made.text_at("/name")), ("ACTIVE".into(), "Ada".into()));
    world.anon().post("/api/v1/auth/verify-email", json!({"token": token})).await.expect(422);
    let answer = world.login(ADA, "a squatter's own pass phrase").await;
    assert_ne!(answer.status, 200);
    assert_eq!(world.count("sessions").await, 1, "the administrator's own");
}
