//! The partner subscribes, and later hears of the council's run with a signature that verifies.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::api::{Api, eventually};
use crate::receiver::{Received, Receiver};
use crate::report::{Report, excerpt};

use super::council::Run;

/// Gives the endpoint's id.
pub(crate) async fn subscribe(api: &Api, receiver: &Receiver, report: &mut Report) -> Result<String> {
    let endpoint = json!({
        "url": receiver.url("/partner"),
        "events": ["agent.*", "message.created"],
        "description": "The demo's partner",
    });
    let created = api.post("/api/v1/webhooks/endpoints", endpoint, 201).await?;
    let secret = created.text("/secret")?;
    receiver.trust(&secret);
    report.step("create an endpoint", format!("{} for agent.*, message.created", created.text("/id")?));
    report.detail(format!("secret {}… shown once", &secret[..10]));
    created.text("/id")
}

pub(crate) async fn heard(
    api: &Api,
    receiver: &Receiver,
    endpoint: &str,
    run: &Run,
    report: &mut Report,
) -> Result<()> {
    let received: Received = eventually("the partner's agent.run.completed", || async {
        Ok(receiver.of_run("agent.run.completed", &run.id))
    })
    .await?;
    ensure!(
        received.trace.as_deref() == Some(&run.trace),
        "the webhook is not in the run's trace: {:?}",
        received.trace
    );
    report.step("agent.run.completed", "signature verified, same trace id");
    report.detail(excerpt(&received.body.to_string(), 150));
    let (verified, refused) = receiver.tally();
    ensure!(refused.is_empty(), "webhooks that did not verify: {refused:?}");
    let path = format!("/api/v1/webhooks/endpoints/{endpoint}/deliveries");
    let logged = eventually("the delivery log", || async {
        let page = api.get(&path).await?;
        let logged = page.entries()?.len();
        Ok((logged >= verified).then_some(logged))
    })
    .await?;
    report.step("the delivery log", format!("{logged} deliveries, {verified} verified by the partner"));
    Ok(())
}
