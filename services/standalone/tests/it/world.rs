//! An installation with two workspaces that hold one of everything, and the people who call it.

use std::time::Duration;

use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_ids::{UserId, WorkspaceId};
use witan_testkit::{Answer, Client, Installation, TestSystem, eventually};

const PASSWORD: &str = "correct horse battery staple";
/// Longer than an access token lasts.
const LONG: Duration = Duration::from_secs(20 * 60);

/// Somebody who is logged in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) email: String,
    pub(crate) workspace: WorkspaceId,
    pub(crate) token: String,
}

pub(crate) struct World {
    pub(crate) system: TestSystem,
    pub(crate) time: ManualClock,
    /// The ADMIN of the first workspace.
    pub(crate) ada: Person,
    /// Members of it whose roles hold one permission each.
    narrow: Vec<(&'static str, Person)>,
    /// The ADMIN of the second.
    pub(crate) grace: Person,
    /// Whoever runs the installation.
    pub(crate) root: Person,
    /// A token of Ada's that has expired.
    pub(crate) expired: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        let time = ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap());
        let system = installation().start(time.clock()).await;
        let user = register(&system, "ada").await;
        let workspace = first_workspace(&system, &log_in(&system, "ada").await).await;
        let expired = log_in(&system, "ada").await;
        time.advance(LONG);
        let ada = Person { user, email: email("ada"), workspace, token: log_in(&system, "ada").await };
        let grace = settle(&system, "grace").await;
        let root = settle(&system, "root").await;
        let mut world = Self { system, time, ada, narrow: Vec::new(), grace, root, expired };
        for (name, permission) in [("joan", "startups:read"), ("mary", "personas:read")] {
            let member = world.let_in(name, permission).await;
            world.narrow.push(member);
        }
        world
    }

    /// A service as this person sees it, in their workspace.
    pub(crate) fn client(&self, service: &str, person: &Person) -> Client {
        self.system.anon(service).with_token(&person.token).in_workspace(person.workspace)
    }

    /// A member of Ada's workspace who may do nothing but one thing, and not this one.
    pub(crate) fn without(&self, permission: &str) -> &Person {
        self.narrow.iter().find(|(holds, _)| *holds != permission).map(|(_, person)| person).unwrap()
    }

    /// Lets somebody into Ada's workspace with a role of this one permission.
    async fn let_in(&self, name: &'static str, permission: &'static str) -> (&'static str, Person) {
        let person = settle(&self.system, name).await;
        let ada = self.client("tenancy", &self.ada);
        let base = format!("/api/v1/workspaces/{}", self.ada.workspace);
        let invitation = json!({ "email": email(name), "role": "MEMBER" });
        let invited = ada.post(&format!("{base}/invitations"), invitation).await.expect(201).text_at("/id");
        let accept = format!("/api/v1/invitations/{invited}/accept");
        let _ = self.system.anon("tenancy").with_token(&person.token).post(&accept, ()).await.expect(200);
        let role = json!({ "name": name, "permissions": [permission] });
        let role = ada.post(&format!("{base}/roles"), role).await.expect(201).text_at("/id");
        let member = format!("{base}/members/{}", person.user);
        let _ = ada.patch(&member, json!({ "role": role })).await.expect(200);
        (permission, Person { workspace: self.ada.workspace, ..person })
    }
}

fn installation() -> Installation {
    // Three of them review one another.
    let models: Value = ["alpha", "beta", "gamma"].iter().map(|name| model(name)).collect();
    let mut installation = Installation::default()
        .with::<witan_auth::Auth>()
        .with::<witan_billing::Billing>()
        .with::<witan_tenancy::Tenancy>()
        .with::<witan_council::Council>()
        .with::<witan_chat::Chat>()
        .with::<witan_webhooks::Webhooks>()
        .env("AUTH_PLATFORM_ADMINS", email("root"))
        .env("LLM_MODELS", models.to_string())
        // Longer than any test moves the clock: events that are old would go by themselves.
        .env("COUNCIL_EVENT_RETENTION", "2160h");
    for class in ["GENERAL", "API", "AUTH"] {
        installation = installation.env(&format!("RATE_LIMIT_{class}"), "100000");
    }
    installation
}

fn model(name: &str) -> Value {
    json!({
        "id": format!("sim/{name}"), "provider": "sim", "sim": { "latencyMs": 5, "quality": 9 },
        "priceMicros": { "input": 1_000_000, "output": 2_000_000 },
    })
}

/// Somebody with a verified address and the workspace that they found with it.
async fn settle(system: &TestSystem, name: &str) -> Person {
    let user = register(system, name).await;
    let token = log_in(system, name).await;
    let workspace = first_workspace(system, &token).await;
    Person { user, email: email(name), workspace, token }
}

async fn register(system: &TestSystem, name: &str) -> UserId {
    let (auth, email) = (system.anon("auth"), email(name));
    let account = json!({ "email": email, "password": PASSWORD, "name": name });
    let _ = auth.post("/api/v1/auth/register", account).await.expect(202);
    let token = eventually("a mail", async || mailed_token(system, &email)).await;
    let verified = auth.post("/api/v1/auth/verify-email", json!({ "token": token })).await.expect(200);
    verified.text_at("/userId").parse().unwrap()
}

async fn log_in(system: &TestSystem, name: &str) -> String {
    let answer: Answer = system
        .anon("auth")
        .post("/api/v1/auth/login", json!({ "email": email(name), "password": PASSWORD }))
        .await
        .expect(200);
    answer.text_at("/accessToken")
}

async fn first_workspace(system: &TestSystem, token: &str) -> WorkspaceId {
    let tenancy = system.anon("tenancy").with_token(token);
    eventually("a first workspace", async || {
        let page = tenancy.get("/api/v1/workspaces").await;
        page.json["data"][0]["id"].as_str().map(|id| id.parse().unwrap())
    })
    .await
}

fn email(name: &str) -> String {
    format!("{name}@{name}.example.org")
}

fn mailed_token(system: &TestSystem, to: &str) -> Option<String> {
    let files = std::fs::read_dir(system.folder()).unwrap().map(|entry| entry.unwrap().path());
    let mails = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let mails = mails.filter_map(|path| serde_json::from_slice::<Value>(&std::fs::read(path).ok()?).ok());
    mails.filter(|mail| mail["to"] == to).find_map(|mail| mail["token"].as_str().map(str::to_owned))
}
