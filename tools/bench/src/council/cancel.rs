//! How long a provider is still listened to after somebody cancelled a run.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::time::sleep;
use witan_testkit::{Behaviour, Dialect, Upstream};

use super::service;
use crate::table;

const MEMBERS: usize = 5;
const ROUNDS: usize = 100;

pub(super) async fn print() -> Result<()> {
    let upstream = Upstream::start().await;
    upstream.behave(Behaviour::Endless);
    upstream.pace(Duration::from_millis(20));
    let models: Vec<Value> = (0..MEMBERS)
        .map(|number| {
            let (id, url) = (format!("test/m{number}"), upstream.url(Dialect::OpenAi));
            json!({ "id": id, "provider": "openai", "baseUrl": url })
        })
        .collect();
    let service = service(&models).await;
    let admin = service.admin();
    let mut waits = Vec::new();
    for round in 1..=ROUNDS {
        let question = json!({ "agent": "finance", "prompt": format!("Take {round}?") });
        let task = admin.post("/api/v1/agents/queue", question).await.expect(202);
        let task = task.json["id"].as_str().context("a task without an id")?.to_owned();
        while upstream.asked().len() < round * MEMBERS {
            sleep(Duration::from_millis(2)).await;
        }
        let began = Instant::now();
        admin.delete(&format!("/api/v1/agents/tasks/{task}")).await.expect(202);
        upstream.wait_closed(round * MEMBERS).await;
        waits.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    waits.sort_by(f64::total_cmp);
    let of = |share: f64| format!("{:.0} ms", table::quantile(&waits, share));
    let row = vec![MEMBERS.to_string(), of(0.5), of(0.99), "250 ms".to_owned()];
    let title = format!("From the cancelling of a run to the end of its last connection ({ROUNDS} runs)");
    table::print(&title, &["connections of a run", "p50", "p99", "goal, p99 under"], &[row]);
    Ok(())
}
