//! A demo person with a verified address and a workspace, made through the gateway like
//! anybody's. A later start finds that it can log in and does nothing.

use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

pub(crate) const EMAIL: &str = "demo@witan.example";
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) async fn demo_person(base: &str, mail: &Path, password: &str, http: &Client) -> Result<String> {
    let token = match log_in(base, password, http).await? {
        Some(token) => token,
        None => sign_up(base, mail, password, http).await?,
    };
    workspace(base, &token, http).await
}

async fn log_in(base: &str, password: &str, http: &Client) -> Result<Option<String>> {
    let body = json!({"email": EMAIL, "password": password});
    let answer = http.post(format!("{base}/api/v1/auth/login")).json(&body).send().await?;
    match answer.status() {
        StatusCode::OK => {
            let body: Value = answer.json().await?;
            Ok(Some(body["accessToken"].as_str().context("the log-in gave no accessToken")?.to_owned()))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(None),
        status => bail!("the demo log-in was answered {status}: {}", answer.text().await?),
    }
}

async fn sign_up(base: &str, mail: &Path, password: &str, http: &Client) -> Result<String> {
    let body = json!({"email": EMAIL, "password": password, "name": "Demo"});
    let answer = http.post(format!("{base}/api/v1/auth/register")).json(&body).send().await?;
    if !answer.status().is_success() {
        bail!("the demo registration was answered {}: {}", answer.status(), answer.text().await?);
    }
    let deadline = Instant::now() + PATIENCE;
    let token = loop {
        if let Some(token) = newest_token(mail) {
            break token;
        }
        if Instant::now() > deadline {
            bail!("no verification mail for {EMAIL} arrived in {}", mail.display());
        }
        sleep(Duration::from_millis(50)).await;
    };
    let verified =
        http.post(format!("{base}/api/v1/auth/verify-email")).json(&json!({"token": token})).send().await?;
    if !verified.status().is_success() {
        bail!("verifying {EMAIL} was answered {}: {}", verified.status(), verified.text().await?);
    }
    log_in(base, password, http)
        .await?
        .with_context(|| format!("{EMAIL} is verified and still cannot log in"))
}

/// The token of the newest verification mail to the demo person.
fn newest_token(mail: &Path) -> Option<String> {
    let mut mails: Vec<(SystemTime, Value)> = std::fs::read_dir(mail)
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let when = entry.metadata().ok()?.modified().ok()?;
            let body: Value = serde_json::from_slice(&std::fs::read(entry.path()).ok()?).ok()?;
            (body["to"] == EMAIL && body["kind"] == "verify_email").then_some((when, body))
        })
        .collect();
    mails.sort_by_key(|(when, _)| *when);
    mails.last()?.1["token"].as_str().map(str::to_owned)
}

/// The first workspace is made by an event; it is there a moment after the verification.
async fn workspace(base: &str, token: &str, http: &Client) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = http.get(format!("{base}/api/v1/workspaces")).bearer_auth(token).send().await?;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or_default();
        if let Some(id) = body["data"][0]["id"].as_str() {
            return Ok(id.to_owned());
        }
        if Instant::now() > deadline {
            bail!("{EMAIL} has no workspace after {} s (last answer {status})", PATIENCE.as_secs());
        }
        sleep(Duration::from_millis(50)).await;
    }
}
