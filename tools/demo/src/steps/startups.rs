//! Create, list and read a start-up; and that a stranger cannot.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::Options;
use crate::api::Api;
use crate::report::Report;

use super::sign_up;

/// Gives the new start-up's id.
pub(crate) async fn run(api: &Api, report: &mut Report) -> Result<String> {
    let profile = json!({
        "name": "Analytical Engines",
        "industry": "SaaS",
        "stage": "SEED",
        "country": "GB",
        "teamSize": 4,
        "description": "We forecast the cash of small manufacturers from their orders and invoices.",
    });
    let created = api.post("/api/v1/startups", profile, 201).await?;
    let id = created.text("/id")?;
    report.step("create", format!("{id} {}", created.text("/name")?));
    let page = api.get("/api/v1/startups").await?;
    report.step("list", format!("{} start-up", page.entries()?.len()));
    api.get(&format!("/api/v1/startups/{id}")).await?;
    let bad =
        api.call(Method::POST, "/api/v1/startups", Some(&json!({ "nmae": "x", "teamSize": -1 }))).await?;
    ensure!(bad.status == 422, "bad input answered {}", bad.status);
    let errors = bad.body["errors"].as_array().map_or(0, Vec::len);
    report.step("bad input", format!("422 {} names {errors} mistakes at once", bad.text("/code")?));
    Ok(id)
}

/// A second person gets the same answer for this start-up as for one that does not exist.
pub(crate) async fn isolated(
    anonymous: &Api,
    options: &Options,
    startup: &str,
    report: &mut Report,
) -> Result<()> {
    println!("  (a second person signs up)");
    let stranger = sign_up::run(anonymous, &options.outbox, report).await?;
    let theirs = stranger.api.call(Method::GET, &format!("/api/v1/startups/{startup}"), None).await?;
    let nowhere = "/api/v1/startups/stp_01h455vb4pex5vsknk084sn02q";
    let nothing = stranger.api.call(Method::GET, nowhere, None).await?;
    ensure!(theirs.status == 404 && nothing.status == 404, "{} and {}", theirs.status, nothing.status);
    ensure!(anonymous_part(&theirs.body) == anonymous_part(&nothing.body), "the two answers differ");
    report.step(
        "read the first person's start-up",
        format!("404 {}, as if it were not there", theirs.text("/code")?),
    );
    Ok(())
}

fn anonymous_part(problem: &Value) -> Value {
    let mut problem = problem.clone();
    if let Some(members) = problem.as_object_mut() {
        for own in ["instance", "requestId", "traceId"] {
            members.remove(own);
        }
    }
    problem
}
