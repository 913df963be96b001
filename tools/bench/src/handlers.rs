//! The cost of everything around one query: access, limits, tracing, the tenant's transaction.

use anyhow::{Context as _, Result};
use serde_json::json;
use witan_auth::Auth;
use witan_events::contracts::auth::v1::UserVerified;
use witan_ids::UserId;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService, eventually};

use crate::bare::{Bare, POOL, WORKERS};
use crate::{load, table};

const ROUNDS: usize = 3;
const PASSWORD: &str = "correct-horse-battery-staple-42";

/// Prints the table.
pub(crate) async fn measure() -> Result<()> {
    let rows = vec![me().await?, startup().await?];
    let head = ["operation", "Witan, requests/s", "bare handler, requests/s", "share", "goal"];
    table::print("Handlers (2 workers, 16 connections, one query)", &head, &rows);
    Ok(())
}

pub(crate) async fn service<S: witan_host::Service>() -> TestService<S> {
    TestService::<S>::start_with(|builder| {
        let builder = builder.env("WITAN_WORKERS", WORKERS.to_string()).env("WITAN_LOG", "error");
        let builder = builder.env(&format!("{}_DATABASE_POOL", S::NAME.to_uppercase()), POOL.to_string());
        ["GENERAL", "API", "AUTH"]
            .iter()
            .fold(builder, |builder, class| builder.env(&format!("RATE_LIMIT_{class}"), "100000000"))
    })
    .await
}

/// Runs both in turns; a row of medians.
async fn compare(name: &str, ours: (&str, Vec<(&str, String)>), theirs: &str) -> Result<Vec<String>> {
    let (mut own, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        own.push(load::rate(ours.0, &ours.1).await?);
        bare.push(load::rate(theirs, &[]).await?);
    }
    let (own, bare) = (table::median(own), table::median(bare));
    let share = format!("{:.0} %", own / bare * 100.0);
    Ok(vec![name.to_owned(), format!("{own:.0}"), format!("{bare:.0}"), share, "60 %".to_owned()])
}

async fn me() -> Result<Vec<String>> {
    let service = service::<Auth>().await;
    let (user, token) = sign_up(&service).await?;
    let bare = Bare::new(service.database().superuser_url().as_str(), user, None)?.serve()?;
    let url = format!("http://{}/api/v1/auth/me", service.running().public_addr);
    let headers = vec![("Authorization", format!("Bearer {token}"))];
    compare("`GET /auth/me`", (&url, headers), &format!("http://{bare}/me")).await
}

async fn sign_up(service: &TestService<Auth>) -> Result<(UserId, String)> {
    let anon = service.anon();
    let account = json!({ "email": "bench@example.org", "password": PASSWORD, "name": "Bench" });
    anon.post("/api/v1/auth/register", account).await.expect(202);
    let token = eventually("the mail", async || mailed_token(service)).await;
    anon.post("/api/v1/auth/verify-email", json!({ "token": token })).await.expect(200);
    let login = json!({ "email": "bench@example.org", "password": PASSWORD });
    let access = anon.post("/api/v1/auth/login", login).await.expect(200).text_at("/accessToken");
    let me = anon.with_token(access.clone()).get("/api/v1/auth/me").await.expect(200);
    Ok((me.text_at("/id").parse()?, access))
}

fn mailed_token(service: &TestService<Auth>) -> Option<String> {
    let mut files = std::fs::read_dir(service.folder()).ok()?.flatten().map(|entry| entry.path());
    let mail = files.find(|path| path.extension().is_some_and(|extension| extension == "json"))?;
    let mail: serde_json::Value = serde_json::from_slice(&std::fs::read(mail).ok()?).ok()?;
    mail["token"].as_str().map(str::to_owned)
}

async fn startup() -> Result<Vec<String>> {
    let service = service::<Tenancy>().await;
    let person = settle(&service).await;
    let made = person.post("/api/v1/startups", json!({ "name": "Bench", "stage": "SEED" })).await.expect(201);
    let id = made.text_at("/id");
    let user = person.user.context("a person")?;
    let startup = Some((person.workspace(), id.parse()?));
    let bare = Bare::new(service.database().superuser_url().as_str(), user, startup)?.serve()?;
    let url = format!("http://{}/api/v1/startups/{id}", service.running().public_addr);
    let token = person.token().context("a token")?;
    let headers = vec![
        ("Authorization", format!("Bearer {token}")),
        ("X-Workspace-Id", person.workspace().to_string()),
    ];
    compare("`GET /startups/{id}`", (&url, headers), &format!("http://{bare}/startup")).await
}

/// A person with a workspace of their own.
pub(crate) async fn settle(service: &TestService<Tenancy>) -> Client {
    let user = UserId::generate(service.clock());
    let event =
        UserVerified { user_id: user.to_string(), email: "bench@example.org".into(), name: "Bench".into() };
    service.tell(None, &event.user_id.clone(), &event).await;
    let person = service.person(user, None);
    let workspace = eventually("a workspace", async || {
        let page = person.get("/api/v1/workspaces").await.expect(200);
        page.json["data"][0]["id"].as_str().and_then(|id| id.parse().ok())
    })
    .await;
    person.in_workspace(workspace)
}
