//! Usage is counted from the events, and the free plan ends with a clear 402.

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, eventually};
use crate::report::{Report, excerpt};
use crate::steps::tasks;

/// Those that were waited for.
const AWAITED: u64 = 4;

pub(crate) async fn run(api: &Api, report: &mut Report) -> Result<()> {
    let counted = AWAITED + tasks::COUNTED;
    let runs = eventually("all runs are counted", || async {
        let usage = api.get("/api/v1/usage").await?;
        Ok(metric(&usage.body, "runs").filter(|runs| runs["used"] == counted).cloned())
    })
    .await?;
    report.step("usage", format!("{} of {} runs", runs["used"], runs["limit"]));
    let limit = runs["limit"].as_u64().context("the free plan has no limit")?;
    for used in counted..=limit + 1 {
        let body = json!({ "agent": "legal", "mode": "SINGLE", "prompt": "Do we need terms of service?" });
        let answer = api.call(Method::POST, "/api/v1/agents/run", Some(&body)).await?;
        match answer.status.as_u16() {
            200 => {}
            402 => {
                ensure!(used == limit, "refused after {used} of {limit} runs");
                report.step("over the limit", format!("402 {}", answer.text("/code")?));
                report.detail(excerpt(&answer.text("/detail")?, 140));
                return Ok(());
            }
            other => bail!("run {used} answered {other}: {}", answer.body),
        }
    }
    bail!("{} runs were allowed, the plan has {limit}", limit + 1)
}

fn metric<'a>(usage: &'a Value, name: &str) -> Option<&'a Value> {
    usage["metrics"].as_array()?.iter().find(|metric| metric["metric"] == name)
}
