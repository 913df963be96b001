//! What the council adds to the time its models take.

use std::time::Instant;

use anyhow::Result;
use serde_json::json;
use witan_council::Council;
use witan_testkit::TestService;

use crate::table;

const LATENCY_MS: u64 = 200;
const RUNS: usize = 10;

/// Prints the table.
pub(crate) async fn measure() -> Result<()> {
    let members = ["alpha", "beta", "gamma", "delta"].map(
        |name| json!({ "id": format!("sim/{name}"), "provider": "sim", "sim": { "latencyMs": LATENCY_MS } }),
    );
    let service = TestService::<Council>::start_with(|builder| {
        let builder = builder.env("LLM_MODELS", json!(members).to_string()).env("WITAN_LOG", "error");
        ["GENERAL", "API"]
            .iter()
            .fold(builder, |builder, class| builder.env(&format!("RATE_LIMIT_{class}"), "1000000"))
    })
    .await;
    let admin = service.admin();
    let mut times = Vec::new();
    for number in 0..RUNS + 1 {
        let began = Instant::now();
        let question =
            json!({ "agent": "finance", "prompt": format!("How long is our runway, take {number}?") });
        admin.post("/api/v1/agents/run", question).await.expect(200);
        if number > 0 {
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let (wall, limit) = (table::median(times), (3 * LATENCY_MS) as f64);
    let row = vec![
        "4".to_owned(),
        format!("{wall:.0} ms"),
        format!("{limit:.0} ms"),
        format!("{:.3} x", wall / limit),
        "1.05 x".to_owned(),
    ];
    let head = ["members", "wall time", "answer + critique + synthesis", "ratio", "goal, at most"];
    table::print(
        &format!("Council on `sim` members of {LATENCY_MS} ms (median of {RUNS} runs)"),
        &head,
        &[row],
    );
    Ok(())
}
