//! What the council adds to the time its models take.

use std::time::Instant;

use serde_json::{Value, json};

use super::service;
use crate::table;

const SLOWEST_MS: u64 = 400;
const FASTEST_MS: u64 = 50;
const RUNS: usize = 20;

pub(super) async fn print() {
    let mut rows = Vec::new();
    for members in [3, 5, 9] {
        rows.push(row(members).await);
    }
    let head = ["members", "wall time", "slowest answer + critique + synthesis", "ratio", "goal, at most"];
    let title =
        format!("Council on `sim` members that take {FASTEST_MS} to {SLOWEST_MS} ms (median of {RUNS} runs)");
    table::print(&title, &head, &rows);
}

/// Every stage waits for the slowest of its models; nothing else has to be waited for.
#[expect(clippy::cast_precision_loss, reason = "some hundred milliseconds")]
async fn row(members: u64) -> Vec<String> {
    let pace = |number: u64| FASTEST_MS + (SLOWEST_MS - FASTEST_MS) * number / (members - 1);
    let models: Vec<Value> = (0..members)
        .map(|number| {
            let sim = json!({ "latencyMs": pace(number) });
            json!({ "id": format!("sim/m{number}"), "provider": "sim", "sim": sim })
        })
        .collect();
    let service = service(&models).await;
    let admin = service.admin();
    let mut times = Vec::new();
    for number in 0..=RUNS {
        let question =
            json!({ "agent": "finance", "prompt": format!("How long is our runway, take {number}?") });
        let began = Instant::now();
        admin.post("/api/v1/agents/run", question).await.expect(200);
        if number > 0 {
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let (wall, limit) = (table::median(times), (2 * SLOWEST_MS + pace(0)) as f64);
    vec![
        members.to_string(),
        format!("{wall:.0} ms"),
        format!("{limit:.0} ms"),
        format!("{:.3} x", wall / limit),
        "1.03 x".to_owned(),
    ]
}
