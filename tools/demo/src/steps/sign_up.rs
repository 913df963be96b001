//! Register, open the mail, verify, log in, find the workspace.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::json;

use crate::api::{Api, eventually, fresh};
use crate::mail;
use crate::report::Report;

pub(crate) const PASSWORD: &str = "correct-horse-battery-staple-42";

/// A signed-in person with a workspace of their own.
pub(crate) struct Person {
    pub(crate) api: Api,
    pub(crate) email: String,
}

pub(crate) async fn run(anonymous: &Api, outbox: &Path, report: &mut Report) -> Result<Person> {
    let email = format!("ada-{:012x}@example.com", fresh() & 0xffff_ffff_ffff);
    let account = json!({ "email": email, "password": PASSWORD, "name": "Ada Lovelace" });
    anonymous.post("/api/v1/auth/register", account, 202).await?;
    report.step("register", &email);

    let token = mail::token(outbox, &email, "verify_email").await?;
    report.step("mail with a link", "arrived in the outbox");
    anonymous.post("/api/v1/auth/verify-email", json!({ "token": token }), 200).await?;
    report.step("verify the address", "verified");

    let login =
        anonymous.post("/api/v1/auth/login", json!({ "email": email, "password": PASSWORD }), 200).await?;
    report.step("log in", format!("access token for {} s", login.body["expiresIn"]));
    let refreshed = anonymous
        .post("/api/v1/auth/refresh", json!({ "refreshToken": login.text("/refreshToken")? }), 200)
        .await?;
    report.step("refresh", "both tokens rotated");

    let api = anonymous.clone().with_token(&refreshed.text("/accessToken")?);
    let me = api.get("/api/v1/auth/me").await?;
    report.step("who am I", format!("{} {}", me.text("/id")?, me.text("/email")?));

    let workspace = eventually("the first workspace", || first_workspace(&api)).await?;
    let api = api.in_workspace(&workspace);
    let found = api.get(&format!("/api/v1/workspaces/{workspace}")).await?;
    report.step("the workspace made by the event", format!("{workspace} {}", found.text("/name")?));
    let members = api.get(&format!("/api/v1/workspaces/{workspace}/members")).await?;
    ensure!(
        members.body["data"][0]["role"] == "ADMIN",
        "the first member is not its ADMIN: {}",
        members.body
    );
    report.step(
        "its members",
        format!("{} ({})", members.text("/data/0/email")?, members.text("/data/0/role")?),
    );
    Ok(Person { api, email })
}

async fn first_workspace(api: &Api) -> Result<Option<String>> {
    let page = api.get("/api/v1/workspaces").await?;
    Ok(page.entries()?.first().and_then(|workspace| workspace["id"].as_str()).map(str::to_owned))
}
