//! A thousand endpoints, of which one in a hundred hangs and one in a hundred is slow: what the others notice of it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;

use crate::Form;
use crate::api::{Api, fresh};
use crate::ledger::Balance;
use crate::receiver::Receiver;
use crate::report::Report;
use crate::round::subscribe;

pub(crate) const NAME: &str = "a-crowd";

const ENDPOINTS: usize = 1000;
/// Endpoints of one workspace, so that one event goes to this many.
const TOGETHER: usize = 100;
const EVERY: usize = 100;
const SETTLES: Duration = Duration::from_secs(180);

pub(crate) async fn play(form: Form, api: &Api, receiver: &Receiver, report: &mut Report) -> Result<()> {
    let events = if form == Form::Short { 3 } else { 60 };
    println!("· {NAME}: {ENDPOINTS} endpoints, 1 % hang, 1 % are slow, {events} events to each");
    let run = fresh();
    let mut workspaces = Vec::new();
    for number in 0..ENDPOINTS / TOGETHER {
        workspaces.push(api.in_new_workspace(&format!("{run} {number}")).await?);
    }
    let made = iter(0..ENDPOINTS).map(|number| {
        let (workspace, name) = (&workspaces[number / TOGETHER], format!("{run}-{number}"));
        async move { subscribe(workspace, receiver, manner(number), &name).await }
    });
    made.buffer_unordered(8).try_collect::<Vec<()>>().await?;
    let mut acknowledged: Vec<HashMap<String, Instant>> = vec![HashMap::new(); workspaces.len()];
    for event in 0..events {
        for (workspace, acknowledged) in workspaces.iter().zip(&mut acknowledged) {
            let name = format!("{run} {event}");
            workspace.insist(Method::POST, "/api/v1/startups", &json!({ "name": name })).await?;
            acknowledged.insert(name, Instant::now());
        }
    }
    let began = Instant::now();
    loop {
        let balance = balance(receiver, &run, &acknowledged);
        if balance.is_settled() || began.elapsed() > SETTLES {
            report.add(NAME, balance);
            return Ok(());
        }
        sleep(Duration::from_millis(500)).await;
    }
}

fn manner(number: usize) -> &'static str {
    match number % EVERY {
        0 => "hanging",
        1 => "slow",
        _ => "prompt",
    }
}

/// The books of all prompt endpoints together.
fn balance(receiver: &Receiver, run: &str, acknowledged: &[HashMap<String, Instant>]) -> Balance {
    let prompt = (0..ENDPOINTS).filter(|number| manner(*number) == "prompt");
    prompt.fold(Balance::default(), |sum, number| {
        let acknowledged = &acknowledged[number / TOGETHER];
        let committed: Vec<String> = acknowledged.keys().cloned().collect();
        let (arrivals, unsigned) = receiver.arrivals(&format!("{run}-{number}"));
        sum.and(&Balance::draw(&committed, acknowledged, &arrivals, unsigned))
    })
}
