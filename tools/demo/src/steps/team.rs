//! Somebody is invited, gets a role that the workspace made for itself, and goes again.

use std::time::Instant;

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::sign_up::{self, Person};
use crate::Options;
use crate::api::{Api, eventually};
use crate::mail;
use crate::report::Report;

/// What only members see, in another service than the one that knows who they are.
const ELSEWHERE: &str = "/api/v1/agents";
const STARTUPS: &str = "/api/v1/startups";

pub(crate) async fn run(
    anonymous: &Api,
    options: &Options,
    person: &Person,
    report: &mut Report,
) -> Result<()> {
    let workspace = person.api.get("/api/v1/workspaces").await?.text("/data/0/id")?;
    let base = format!("/api/v1/workspaces/{workspace}");
    println!("  (a colleague signs up)");
    let colleague = sign_up::run(anonymous, &options.outbox, report).await?;
    let guest = colleague.api.clone().in_workspace(&workspace);
    ensure!(guest.call(Method::GET, ELSEWHERE, None).await?.status == 404, "a stranger is let in");

    let invitation = json!({ "email": colleague.email, "role": "MEMBER" });
    person.api.post(&format!("{base}/invitations"), invitation, 201).await?;
    let secret = mail::token(&options.outbox, &colleague.email, "invitation").await?;
    report.step("invite them by mail", "the mail has arrived");
    colleague.api.post("/api/v1/invitations/accept", json!({ "token": secret }), 200).await?;
    let late = answers(&guest, 200).await?;
    report.step("they accept with its secret", format!("let in by another service after {late} ms"));

    let role = json!({ "name": "Reader", "permissions": ["startups:read"] });
    let role = person.api.post(&format!("{base}/roles"), role, 201).await?.text("/id")?;
    let member = format!("{base}/members/{}", guest.get("/api/v1/auth/me").await?.text("/id")?);
    let given = person.api.call(Method::PATCH, &member, Some(&json!({ "role": role }))).await?;
    ensure!(given.status == 200, "the role was not given: {}", given.body);
    let late = answers(&guest, 403).await?;
    guest.get(STARTUPS).await?;
    report.step("give them a role of their own", format!("it reads start-ups and no more, after {late} ms"));

    let left = person.api.call(Method::POST, &format!("{base}/leave"), None).await?;
    ensure!(left.status == 409, "the only administrator has left: {}", left.body);
    report.step("the only administrator leaves", format!("409 {}", left.text("/code")?));
    person.api.delete(&member).await?;
    report.step(
        "remove the colleague",
        format!("refused by another service after {} ms", answers(&guest, 404).await?),
    );
    Ok(())
}

/// Milliseconds until another service answers so.
async fn answers(caller: &Api, status: u16) -> Result<u128> {
    let since = Instant::now();
    eventually(&format!("an answer {status}"), || async {
        let answer = caller.call(Method::GET, ELSEWHERE, None).await?;
        Ok((answer.status == status).then_some(Value::Null))
    })
    .await?;
    let late = since.elapsed().as_millis();
    ensure!(late <= 2000, "it took {late} ms until another service answered {status}");
    Ok(late)
}
