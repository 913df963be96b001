//! What becomes of mails, and who may know.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use witan_testkit::{Client, eventually};

use crate::world::{PASSWORD, World};

const ADMIN: &str = "root@example.org";
const MAILS: &str = "/api/v1/auth/mails";

/// A mail server that answers recipients as it is told, and then takes everything.
struct MailServer {
    url: String,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    async fn start(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect::<VecDeque<_>>()));
        let taken = Arc::new(Mutex::new(Vec::new()));
        let server = Self { url, answers: answers.clone(), taken: taken.clone() };
        #[expect(clippy::disallowed_methods, reason = "a server of the test alone")]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, answers.clone(), taken.clone()));
            }
        });
        server
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

async fn converse(
    stream: TcpStream,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
    taken: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mail.test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "RCPT" => answers.lock().unwrap().pop_front().unwrap_or("250 ok"),
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    mail += &line;
                }
                taken.lock().unwrap().push(mail);
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

async fn world_of(server: &MailServer) -> World {
    World::start_with(|builder| builder.env("MAIL_OUTBOX_DIR", "").env("SMTP_URL", &server.url)).await
}

async fn world() -> World {
    World::start_with(|builder| builder.env("AUTH_PLATFORM_ADMINS", ADMIN)).await
}

async fn admin(world: &World) -> Client {
    let session = world.session(ADMIN).await;
    world.with_token(&session.text_at("/accessToken"))
}

async fn list(admin: &Client, query: &str) -> Vec<Value> {
    admin.get(&format!("{MAILS}?{query}")).await.expect(200).json["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_mail_that_is_put_off_is_tried_again_and_the_attempts_are_recorded() {
    let server = MailServer::start(&["451 busy", "421 later"]).await;
    let world = world_of(&server).await;
    world.register("ada@example.org").await;
    for attempts in 1..=2 {
        let waits =
            "mails WHERE state = 'QUEUED' AND settled_at IS NULL AND last_error IS NOT NULL AND attempts";
        world.until("an attempt", &format!("{waits} = {attempts}"), 1).await;
        assert!(server.taken().is_empty());
        world.time.advance(Duration::from_secs(60));
    }
    let sent =
        "mails WHERE state = 'SENT' AND attempts = 3 AND last_error IS NULL AND settled_at IS NOT NULL";
    world.until("the delivery", sent, 1).await;
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].contains("ada@example.org"));
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_given_up_and_says_why() {
    let server = MailServer::start(&["550 no such mailbox"]).await;
    let world = world_of(&server).await;
    world.register("ada@example.org").await;
    let failed = "mails WHERE state = 'FAILED' AND attempts = 1 AND settled_at IS NOT NULL";
    world.until("the refusal", &format!("{failed} AND last_error LIKE '%no such mailbox%'"), 1).await;
    world.until("the job", "jobs WHERE state IN ('ready', 'running')", 0).await;
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn a_server_that_refuses_us_loses_no_mail() {
    let server = MailServer::start(&["530 authentication required"]).await;
    let world = world_of(&server).await;
    world.register("ada@example.org").await;
    world.until("an attempt", "mails WHERE state = 'QUEUED' AND attempts = 1", 1).await;
    world.time.advance(Duration::from_secs(60));
    eventually("the delivery", async || server.taken().len() == 1).await;
}

#[tokio::test]
async fn after_a_day_of_attempts_a_mail_is_given_up() {
    let server = MailServer::start(&["451 busy"; 12]).await;
    let world = world_of(&server).await;
    world.register("ada@example.org").await;
    for attempts in 1..=12 {
        world.until("an attempt", &format!("mails WHERE attempts = {attempts}"), 1).await;
        world.time.advance(Duration::from_secs(5 * 3600));
    }
    world.until("the end", "mails WHERE state = 'FAILED' AND last_error LIKE '%busy%'", 1).await;
    assert!(server.answers.lock().unwrap().is_empty() && server.taken().is_empty());
}

#[tokio::test]
async fn who_runs_the_installation_sees_what_became_of_mails() {
    let world = world().await;
    let admin = admin(&world).await;
    world.person("ada@example.org").await;
    let body = json!({"email": "ada@example.org"});
    let _ = world.anon().post("/api/v1/auth/request-password-reset", &body).await.expect(202);
    let token = world.mail_of_kind("ada@example.org", "reset_password").await["token"].clone();
    world.jobs_done().await;

    let all = list(&admin, "").await;
    assert_eq!(all.len(), 3, "{all:?}");
    let newest = &all[0];
    assert_eq!(newest["recipient"], "ada@example.org");
    assert_eq!((&newest["kind"], &newest["state"]), (&json!("reset_password"), &json!("SENT")));
    assert_eq!((&newest["attempts"], &newest["lastError"]), (&json!(1), &Value::Null));
    assert!(newest["settledAt"].is_string());
    let text = serde_json::to_string(&all).unwrap();
    assert!(!text.contains(token.as_str().unwrap()) && !text.contains("token"), "{text}");

    assert_eq!(list(&admin, "recipient=ADA@example.org").await.len(), 2);
    assert_eq!(list(&admin, "recipient=nobody@example.org").await.len(), 0);
    assert_eq!(list(&admin, "kind=verify_email").await.len(), 2);
    assert_eq!(list(&admin, "kind=verify_email&state=FAILED").await.len(), 0);
    let first = admin.get(&format!("{MAILS}?limit=2")).await.expect(200);
    let cursor = first.text_at("/nextCursor");
    assert_eq!(list(&admin, &format!("limit=2&cursor={cursor}")).await.len(), 1);
    for wrong in ["kind=nothing", "state=LOST", "recipient=nobody", "who=me"] {
        admin.get(&format!("{MAILS}?{wrong}")).await.expect_problem(400, "request.query_invalid");
    }
    let other = admin.get(&format!("{MAILS}?kind=verify_email&cursor={cursor}")).await;
    assert_eq!(other.status, 400, "a cursor of another list");
}

#[tokio::test]
async fn a_mail_to_another_address_than_the_accounts_is_found_by_it() {
    let world = world().await;
    let admin = admin(&world).await;
    let _ = admin.post("/api/v1/users/me/email", json!({"newEmail": "New@example.net"})).await.expect(202);
    world.jobs_done().await;
    let found = list(&admin, "recipient=new@example.net").await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["recipient"], &found[0]["kind"]),
        (&json!("New@example.net"), &json!("change_email"))
    );
    let own = list(&admin, &format!("recipient={ADMIN}&kind=security_notice")).await;
    assert_eq!(own[0]["topic"], "email_change_requested");
    assert!(list(&admin, &format!("recipient={ADMIN}&kind=change_email")).await.is_empty());
}

#[tokio::test]
async fn nobody_else_sees_them() {
    let world = world().await;
    let ada = world.session("ada@example.org").await;
    let ada = world.with_token(&ada.text_at("/accessToken"));
    let _ = ada.get(MAILS).await.expect(403);
    let _ = world.anon().get(MAILS).await.expect(401);
    let key = ada.post("/api/v1/api-keys", json!({"name": "ci", "scopes": ["read"]})).await.expect(201);
    let _ = world.anon().with_api_key(key.text_at("/key")).get(MAILS).await.expect(403);
    let _ = world.login("ada@example.org", PASSWORD).await.expect(200);
}
