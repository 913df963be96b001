//! One run of the council, with what it says about itself.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::api::Api;
use crate::report::{Report, excerpt};

/// A finished run.
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) trace: String,
}

pub(crate) async fn run(api: &Api, startup: &str, report: &mut Report) -> Result<Run> {
    for agent in ["legal", "investor", "competitor"] {
        let answer = ask(api, startup, agent, "What is our largest risk in the next six months?").await?;
        report.step(&format!("ask {agent}"), excerpt(&answer.text("/answer")?, 90));
    }
    let answer =
        ask(api, startup, "finance", "How many months of runway should we raise for, and why?").await?;
    report.step("ask finance", excerpt(&answer.text("/answer")?, 90));
    let body = &answer.body;
    report.detail(format!("quorum {}  degraded {}", body["quorum"], body["degraded"]));
    for place in body["ranking"].as_array().context("no ranking")? {
        report.detail(excerpt(&place.to_string(), 120));
    }
    report.detail(format!("disagreement: {}", excerpt(&body["disagreement"].to_string(), 120)));
    report.detail(format!("usage {}", excerpt(&body["usage"].to_string(), 140)));
    report.detail(format!("timings {}", excerpt(&body["timings"].to_string(), 140)));
    Ok(Run { id: answer.text("/id")?, trace: answer.trace.clone().context("the answer names no trace")? })
}

async fn ask(api: &Api, startup: &str, agent: &str, prompt: &str) -> Result<crate::api::Answer> {
    let body: Value = json!({ "agent": agent, "prompt": prompt, "startupId": startup });
    api.post("/api/v1/agents/run", body, 200).await
}
