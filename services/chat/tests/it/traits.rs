//! Traits that others send.

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use witan_chat::Chat;
use witan_ids::WorkspaceId;
use witan_testkit::{Answer, Client, TestService, eventually};

use crate::{PERSONAS, chat, persona};

pub(crate) const TRAITS: &str = "/api/v1/webhooks/traits";
pub(crate) const HEALTH: &str = "/api/v1/webhooks/health";

/// Signs with the official library.
pub(crate) struct Sender {
    client: Client,
    workspace: WorkspaceId,
    pub(crate) secret: String,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

impl Sender {
    /// Somebody to whom the administrator has told the workspace's new secret.
    pub(crate) async fn new(service: &TestService<Chat>, admin: &Client) -> Self {
        let made = admin.post(&format!("{TRAITS}/secret"), json!({})).await.expect(200);
        Self { workspace: admin.workspace(), ..Self::knowing(service, made.text_at("/secret")) }
    }

    /// Somebody who knows the secret of the service's first workspace.
    pub(crate) fn knowing(service: &TestService<Chat>, secret: String) -> Self {
        let now = service.clock().now().timestamp();
        Self { client: service.anon(), workspace: service.workspace, secret, now }
    }

    pub(crate) async fn send(&self, id: &str, body: Value) -> Answer {
        self.send_bytes(id, body.to_string()).await
    }

    pub(crate) async fn send_bytes(&self, id: &str, body: String) -> Answer {
        let signature = Webhook::new(&self.secret).unwrap().sign(id, self.now, body.as_bytes()).unwrap();
        self.send_signed(id, &signature, body).await
    }

    pub(crate) async fn send_signed(&self, id: &str, signature: &str, body: String) -> Answer {
        let path = format!("{TRAITS}?workspaceId={}", self.workspace);
        let request = self.client.request(reqwest::Method::POST, &path);
        let request = request
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", self.now.to_string())
            .header("webhook-signature", signature)
            .body(body);
        self.client.send(request).await
    }
}

async fn read(admin: &Client, made: &Value) -> Value {
    admin.get(&format!("{PERSONAS}/{}", made["id"].as_str().unwrap())).await.expect(200).json
}

pub(crate) async fn receiver(admin: &Client) -> Value {
    admin.get(HEALTH).await.expect(200).json["receivers"][0].clone()
}

async fn processed(admin: &Client) {
    eventually("nothing is pending", async || receiver(admin).await["pending"] == 0).await;
}

async fn own(service: &TestService<Chat>) -> (Client, Value, Sender) {
    let admin = service.admin();
    let made = persona(&admin, "Maren", json!({ "kind": "MODEL" })).await;
    let sender = Sender::new(service, &admin).await;
    (admin, made, sender)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persona_gets_the_traits_that_were_sent() {
    let service = chat().await;
    let (admin, made, sender) = own(&service).await;
    let body = json!({ "name": "Maren", "traits": ["curious"], "painPoints": ["audits"], "style": "Terse" });
    let taken = sender.send("evt-1", body).await.expect(202).json;
    assert_eq!(taken, json!({ "id": "evt-1", "repeated": false }));
    processed(&admin).await;
    let now = read(&admin, &made).await;
    assert_eq!(
        (&now["traits"], &now["painPoints"], &now["style"]),
        (&json!(["curious"]), &json!(["audits"]), &json!("Terse"))
    );
    assert_eq!((&now["role"], &now["backend"]), (&made["role"], &made["backend"]), "the rest stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_of_the_same_at_once_are_one() {
    let service = chat().await;
    let (admin, made, sender) = own(&service).await;
    let body = json!({ "name": "Maren", "about": "First" });
    let all = futures_util::future::join_all((0..100).map(|_| sender.send("evt-1", body.clone()))).await;
    let repeated = all.into_iter().filter(|answer| answer.status == 202 && answer.json["repeated"] == true);
    assert_eq!(repeated.count(), 99);
    processed(&admin).await;
    // Later than what was changed meanwhile, and changes nothing.
    let path = format!("{PERSONAS}/{}", made["id"].as_str().unwrap());
    admin.patch(&path, json!({ "about": "By hand", "name": "Renamed" })).await.expect(200);
    assert_eq!(sender.send("evt-1", body).await.expect(202).json["repeated"], true);
    processed(&admin).await;
    assert_eq!(read(&admin, &made).await["about"], "By hand");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_changes_nothing() {
    let service = chat().await;
    let (admin, made, mut sender) = own(&service).await;
    let body = json!({ "name": "Maren", "about": "Changed" });
    let text = body.to_string();
    let invalid = "inbound.signature_invalid";
    let good = Webhook::new(&sender.secret).unwrap().sign("evt-1", sender.now, text.as_bytes()).unwrap();
    sender.send_signed("evt-2", &good, text.clone()).await.expect_problem(401, invalid);
    sender.send_signed("evt-1", &good, format!("{text} ")).await.expect_problem(401, invalid);
    sender.send_signed("evt-1", "", text.clone()).await.expect_problem(401, invalid);
    // A workspace without a secret, and one that does not exist, are answered like a wrong signature.
    for workspace in [service.other_workspace().workspace(), WorkspaceId::generate(service.clock())] {
        let elsewhere = Sender { workspace, client: service.anon(), secret: sender.secret.clone(), ..sender };
        elsewhere.send("evt-1", body.clone()).await.expect_problem(401, invalid);
    }
    sender.now -= 301;
    sender.send("evt-1", body.clone()).await.expect_problem(401, "inbound.timestamp_stale");
    sender.now += 301;
    sender.send_bytes("evt-1", "no JSON".to_owned()).await.expect_problem(400, "request.unparsable");
    let wrong = json!({ "name": "Maren", "backend": {} });
    sender.send("evt-1", wrong).await.expect_problem(422, "validation.failed");
    sender.send("evt-1", json!({ "name": "Nobody" })).await.expect_problem(404, "resource.not_found");
    let large = json!({ "name": "Maren", "about": "x".repeat(70_000) });
    sender.send("evt-1", large).await.expect_problem(413, "request.body_too_large");
    let health = receiver(&admin).await;
    assert_eq!((&health["lastReceivedAt"], &health["state"]), (&Value::Null, &json!("READY")));

    // None of them used up the id; now one does.
    sender.send("evt-1", body).await.expect(202);
    let other = json!({ "name": "Maren", "about": "Another" });
    sender.send("evt-1", other).await.expect_problem(409, "inbound.event_conflict");
    processed(&admin).await;
    assert_eq!(read(&admin, &made).await["about"], "Changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_overtook_the_older_one_stays() {
    let service = chat().await;
    let (admin, made, sender) = own(&service).await;
    let as_of = |hour: u32, about: &str| json!({ "name": "Maren", "about": about, "asOf": format!("2026-11-21T{hour:02}:00:00Z") });
    for (id, hour, about, expected) in
        [("evt-2", 12, "Newer", "Newer"), ("evt-1", 11, "Older", "Newer"), ("evt-3", 12, "Same", "Same")]
    {
        sender.send(id, as_of(hour, about)).await.expect(202);
        processed(&admin).await;
        assert_eq!(read(&admin, &made).await["about"], expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_before_a_restart_is_done_after_it() {
    let mut service = chat().await;
    let (admin, made, sender) = own(&service).await;
    // Whoever processes it dies: the row is held by somebody until the process is gone.
    let mut database = service.database().superuser().await.unwrap();
    let held = database.transaction().await.unwrap();
    held.batch_execute("SELECT FROM chat.personas FOR UPDATE").await.unwrap();
    sender.send("evt-1", json!({ "name": "Maren", "about": "Changed" })).await.expect(202);
    service.halt().await;
    held.rollback().await.unwrap();
    service.resume().await.unwrap();
    eventually("it is done", async || read(&service.admin(), &made).await["about"] == "Changed").await;
    drop(admin);
}
