//! One fault while people work, and the books afterwards.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::Form;
use crate::api::{Api, fresh};
use crate::faults::Fault;
use crate::installation::Installation;
use crate::ledger::Balance;
use crate::receiver::Receiver;
use crate::truth::Truth;
use crate::writer::work;

/// Work before the fault, and after it: some hundred changes, so that a hundredth of a round is more than what is on its way
/// when a process dies.
const QUIET: Duration = Duration::from_secs(8);
/// How long after everything runs again the last event may come. Longer than any lease and any retry of the suite.
const SETTLES: Duration = Duration::from_secs(180);

pub(crate) async fn play(
    fault: Fault,
    form: Form,
    installation: &Installation,
    api: &Api,
    receiver: &Receiver,
    truth: &Truth,
) -> Result<Balance> {
    println!("· {}", fault.describe(form));
    let name = fault.name();
    let run = format!("{name}-{}", fresh());
    let api = api.in_new_workspace(&run).await?;
    subscribe(&api, receiver, "prompt", &run).await?;
    let done = AtomicBool::new(false);
    let breaking = async {
        sleep(QUIET).await;
        let outcome = fault.strike(form, installation).await;
        sleep(QUIET).await;
        done.store(true, Ordering::Relaxed);
        outcome
    };
    let (broken, acknowledged) = tokio::join!(breaking, work(&api, &run, &done));
    broken?;
    let acknowledged = acknowledged?;
    let began = Instant::now();
    loop {
        let committed = truth.startups(&run).await?;
        let (arrivals, unsigned) = receiver.arrivals(&run);
        let balance = Balance::draw(&committed, &acknowledged, &arrivals, unsigned);
        if balance.is_settled() || began.elapsed() > SETTLES {
            return Ok(balance);
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// Makes an endpoint that wants to hear of startups.
pub(crate) async fn subscribe(api: &Api, receiver: &Receiver, manner: &str, name: &str) -> Result<()> {
    let endpoint = json!({ "url": receiver.url(manner, name), "events": ["startup.created"] });
    let made = api.obtain("/api/v1/webhooks/endpoints", &endpoint).await?;
    receiver.trust(name, made["secret"].as_str().context("an endpoint without a secret")?);
    Ok(())
}
