//! An auth service, its mailbox, and what tests do with it again and again.

use std::path::PathBuf;
use std::str::FromStr as _;

use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use witan_access::{Claims, JwkSet};
use witan_auth::Auth;
use witan_clock::ManualClock;
use witan_events::contracts::tenancy::v1::WorkspaceCreated;
use witan_ids::{UserId, WorkspaceId};
use witan_testkit::{Answer, Builder, Client, Published, TestService, eventually};

/// A password that is good enough.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// One service and everything around it.
pub(crate) struct World {
    pub(crate) service: TestService<Auth>,
    pub(crate) time: ManualClock,
    events: Mutex<Published>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    pub(crate) async fn start_with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        Self::start_at(ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap()), configure).await
    }

    /// On a clock that others have as well.
    pub(crate) async fn start_at(time: ManualClock, configure: impl FnOnce(Builder) -> Builder) -> Self {
        let service = TestService::start_with(|builder| configure(builder.clock(time.clock()))).await;
        let events = Mutex::new(service.events().await);
        Self { service, time, events }
    }

    pub(crate) fn anon(&self) -> Client {
        self.service.anon()
    }

    pub(crate) fn with_token(&self, access_token: &str) -> Client {
        self.anon().with_token(access_token)
    }

    pub(crate) fn internal(&self) -> Client {
        self.service.internal("tenancy")
    }

    pub(crate) fn internal_anon(&self) -> Client {
        self.service.internal_anon()
    }

    pub(crate) async fn register(&self, email: &str) {
        self.register_with(email, PASSWORD).await;
    }

    pub(crate) async fn register_with(&self, email: &str, password: &str) {
        let body = json!({"email": email, "password": password});
        let _ = self.anon().post("/api/v1/auth/register", body).await.expect(202);
    }

    /// Somebody whose address is proved.
    pub(crate) async fn person(&self, email: &str) -> UserId {
        self.register(email).await;
        let token = self.token(email).await;
        let answer = self.anon().post("/api/v1/auth/verify-email", json!({"token": token})).await.expect(200);
        UserId::from_str(&answer.text_at("/userId")).unwrap()
    }

    pub(crate) async fn login(&self, email: &str, password: &str) -> Answer {
        self.anon().post("/api/v1/auth/login", json!({"email": email, "password": password})).await
    }

    /// Somebody who is logged in.
    pub(crate) async fn session(&self, email: &str) -> Answer {
        self.person(email).await;
        self.login(email, PASSWORD).await.expect(200)
    }

    /// The mails that reached an address, in the order they were queued.
    pub(crate) fn mails(&self, to: &str) -> Vec<Value> {
        let mut mails: Vec<Value> = self.outbox().filter(|mail| mail["to"] == to).collect();
        mails.sort_by_key(|mail| mail["id"].as_str().unwrap().to_owned());
        mails
    }

    /// The first mail to an address.
    pub(crate) async fn mail(&self, to: &str) -> Value {
        eventually("a mail", async || self.mails(to).into_iter().next()).await
    }

    pub(crate) async fn mail_of_kind(&self, to: &str, kind: &str) -> Value {
        let find = || self.mails(to).into_iter().find(|mail| mail["kind"] == kind);
        eventually(kind, async || find()).await
    }

    /// The token in the first mail to an address.
    pub(crate) async fn token(&self, to: &str) -> String {
        self.mail(to).await["token"].as_str().unwrap().to_owned()
    }

    /// The token of another mail than the one with `seen`.
    pub(crate) async fn mail_after(&self, seen: &str) -> String {
        let other = || {
            self.outbox().find_map(|mail| mail["token"].as_str().filter(|t| *t != seen).map(str::to_owned))
        };
        eventually("another mail", async || other()).await
    }

    /// Everything in the mailbox, as it was sent.
    pub(crate) fn outbox_text(&self) -> String {
        self.files("eml").map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    fn outbox(&self) -> impl Iterator<Item = Value> {
        self.files("json").map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    }

    fn files(&self, extension: &'static str) -> impl Iterator<Item = PathBuf> {
        let entries = std::fs::read_dir(self.service.folder()).unwrap().map(|entry| entry.unwrap().path());
        let named = move |path: &PathBuf| {
            let hidden = path.file_name().unwrap().to_string_lossy().starts_with('.');
            !hidden && path.extension().is_some_and(|found| found == extension)
        };
        entries.filter(named)
    }

    /// The data of the next event of a type.
    pub(crate) async fn event(&self, event_type: &str) -> Value {
        self.events.lock().await.next_of(event_type).await.data
    }

    /// The next entry of the audit log for an action.
    pub(crate) async fn audited(&self, action: &str) -> Value {
        loop {
            let entry = self.event("audit.recorded").await;
            if entry["action"] == action {
                return entry;
            }
        }
    }

    /// A try to log in from an address, perhaps with cookies.
    pub(crate) async fn login_from(
        &self,
        address: &str,
        email: &str,
        password: &str,
        cookie: &str,
    ) -> Answer {
        let anon = self.anon();
        let request = anon.request(reqwest::Method::POST, "/api/v1/auth/login");
        let request = request.header("X-Forwarded-For", address).header("Cookie", cookie);
        anon.send(request.json(&json!({"email": email, "password": password}))).await
    }

    pub(crate) async fn sql(&self, statement: &str) {
        let client = self.service.database().superuser().await.unwrap();
        client.batch_execute(&format!("SET search_path = auth; {statement}")).await.unwrap();
    }

    /// How many rows there are: a table, and a condition if any.
    pub(crate) async fn count(&self, rows: &str) -> i64 {
        let client = self.service.database().superuser().await.unwrap();
        client.batch_execute("SET search_path = auth").await.unwrap();
        client.query_one(&format!("SELECT count(*) FROM {rows}"), &[]).await.unwrap().get(0)
    }

    pub(crate) async fn until(&self, what: &str, rows: &str, count: i64) {
        eventually(what, async || self.count(rows).await == count).await;
    }

    /// Waits until nothing is left to do in the background.
    pub(crate) async fn jobs_done(&self) {
        self.until("all jobs are done", "jobs WHERE state IN ('ready', 'running')", 0).await;
    }

    /// What an access token says, verified with the published keys. Its times are not looked at: the clock is ours.
    pub(crate) async fn verify(&self, access_token: &str) -> (Header, Claims) {
        let keys: JwkSet = self.anon().get("/.well-known/jwks.json").await.expect(200).body();
        let header = decode_header(access_token).unwrap();
        let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_audience(&["auth"]);
        rules.validate_exp = false;
        let token = decode::<Claims>(access_token, &DecodingKey::from_jwk(key).unwrap(), &rules).unwrap();
        (token.header, token.claims)
    }

    pub(crate) fn workspace_id(&self) -> WorkspaceId {
        WorkspaceId::generate(self.service.clock())
    }

    /// What tenancy says when it made a workspace.
    pub(crate) async fn workspace_created(&self, workspace: WorkspaceId, owner: UserId) {
        let event = WorkspaceCreated {
            workspace_id: workspace.to_string(),
            owner_id: owner.to_string(),
            name: "First".to_owned(),
        };
        self.service.tell(Some(workspace), &event.workspace_id, &event).await;
    }
}
