//! Devices, programs and a second factor.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::sign_up::{PASSWORD, Person};
use crate::api::{Answer, Api, eventually};
use crate::authenticator;
use crate::report::Report;

/// An operation of another service than the one that logs people in.
const ELSEWHERE: &str = "/api/v1/workspaces";
const SESSIONS: &str = "/api/v1/auth/sessions";
const KEYS: &str = "/api/v1/api-keys";
const TOTP: &str = "/api/v1/auth/factors/totp";

pub(crate) async fn run(anonymous: &Api, person: &Person, report: &mut Report) -> Result<()> {
    other_device(anonymous, person, report).await?;
    program(anonymous, person, report).await?;
    let codes = second_factor(&person.api, report).await?;
    log_in_with_it(anonymous, person, &codes, report).await
}

async fn other_device(anonymous: &Api, person: &Person, report: &mut Report) -> Result<()> {
    let login = log_in(anonymous, person, 200).await?;
    let device = anonymous.clone().with_token(&login.text("/accessToken")?);
    device.get(ELSEWHERE).await?;
    let sessions = person.api.get(SESSIONS).await?;
    let other = sessions.entries()?.iter().find(|session| session["current"] == false);
    let other = other.and_then(|session| session["id"].as_str()).context("the other device is not listed")?;
    report.step("their devices", format!("{} sessions", sessions.entries()?.len()));
    person.api.delete(&format!("{SESSIONS}/{other}")).await?;
    let late = refused(&device).await?;
    report.step("end the other one's session", format!("refused by another service after {late} ms"));
    Ok(())
}

async fn program(anonymous: &Api, person: &Person, report: &mut Report) -> Result<()> {
    let wish = json!({ "name": "nightly import", "scopes": ["read"] });
    let made = person.api.post(KEYS, wish, 201).await?;
    let program = anonymous.clone().with_api_key(&made.text("/key")?);
    program.get(ELSEWHERE).await?;
    report.step("an API key that reads", format!("{}…", made.text("/prefix")?));
    let forbidden = program.call(Method::POST, "/api/v1/startups", Some(&json!({ "name": "x" }))).await?;
    ensure!(forbidden.status == 403, "a key that reads has written: {}", forbidden.body);
    report.step("it may not write", format!("403 {}", forbidden.text("/code")?));
    person.api.delete(&format!("{KEYS}/{}", made.text("/id")?)).await?;
    report.step("revoke it", format!("refused by another service after {} ms", refused(&program).await?));
    Ok(())
}

/// Gives the recovery codes.
async fn second_factor(api: &Api, report: &mut Report) -> Result<Vec<String>> {
    let begun = api.post(TOTP, json!({}), 200).await?;
    let code = authenticator::code(&begun.text("/secret")?)?;
    let confirmed = api.post(&format!("{TOTP}/confirm"), json!({ "code": code }), 200).await?;
    let codes: Vec<String> = serde_json::from_value(confirmed.body["recoveryCodes"].clone())?;
    report.step("an authenticator app", format!("{} recovery codes", codes.len()));
    Ok(codes)
}

async fn log_in_with_it(
    anonymous: &Api,
    person: &Person,
    codes: &[String],
    report: &mut Report,
) -> Result<()> {
    let begun = log_in(anonymous, person, 202).await?;
    ensure!(begun.body.get("accessToken").is_none(), "a password alone has logged in");
    let shown = json!({ "challengeToken": begun.text("/challengeToken")?, "recoveryCode": codes.first() });
    let path = "/api/v1/auth/login/recovery-code";
    let tokens = anonymous.post(path, shown, 200).await?;
    report.step("a log-in that asks for it", "the password and a recovery code");
    let api = anonymous.clone().with_token(&tokens.text("/accessToken")?);
    let factors = api.get("/api/v1/auth/factors").await?;
    report.step("what is left", format!("{} recovery codes", factors.body["recoveryCodesLeft"]));
    Ok(())
}

async fn log_in(anonymous: &Api, person: &Person, status: u16) -> Result<Answer> {
    let body = json!({ "email": person.email, "password": PASSWORD });
    anonymous.post("/api/v1/auth/login", body, status).await
}

/// Milliseconds until another service refuses the caller.
async fn refused(caller: &Api) -> Result<u128> {
    let since = Instant::now();
    eventually("a refusal", || async {
        let answer = caller.call(Method::GET, ELSEWHERE, None).await?;
        Ok((answer.status == 401).then_some(Value::Null))
    })
    .await?;
    let late = since.elapsed().as_millis();
    ensure!(late <= 2000, "it took {late} ms until another service refused");
    Ok(late)
}
