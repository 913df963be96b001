//! What healthy endpoints notice of one in a hundred that never answers.

use anyhow::Result;

use super::world::{World, latencies, of};
use crate::table;

const ENDPOINTS: usize = 200;
const EVERY: usize = 100;
const PER_SECOND: u64 = 50;
const EVENTS: usize = 1500;
/// One after the other, with and without: the machine's own hiccups fall on both, and so many waits are a hundredth of them that they decide
/// nothing alone.
const ROUNDS: usize = 4;

pub(super) async fn print() -> Result<()> {
    let (mut healthy, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        healthy.extend(waits(|_| "/ok", 0).await?);
        let some_hang = |number| if number % EVERY == 0 { "/hang" } else { "/ok" };
        beside.extend(waits(some_hang, ENDPOINTS / EVERY).await?);
    }
    healthy.sort_by(f64::total_cmp);
    beside.sort_by(f64::total_cmp);
    let ratio = table::quantile(&beside, 0.99) / table::quantile(&healthy, 0.99);
    let row = |name: &str, waits: &[f64], ratio: String, goal: &str| {
        vec![name.to_owned(), of(waits, 0.5), of(waits, 0.99), ratio, goal.to_owned()]
    };
    let rows = [
        row("all answer", &healthy, String::new(), ""),
        row("1 % hang", &beside, format!("{ratio:.2} x"), "1.1 x"),
    ];
    let head = ["endpoints", "p50 of those that answer", "p99", "beside", "goal"];
    table::print(&format!("Webhooks beside hanging ones ({ENDPOINTS} endpoints)"), &head, &rows);
    Ok(())
}

/// Waits of those that answer: each endpoint has a workspace of its own.
async fn waits(path: impl Fn(usize) -> &'static str, hanging: usize) -> Result<Vec<f64>> {
    let world = World::start().await?;
    let workspaces = world.settle(ENDPOINTS, 1, path).await?;
    let answered = |events: usize| events - events / ENDPOINTS * hanging;
    world.pour(&workspaces, PER_SECOND, ENDPOINTS, answered(ENDPOINTS)).await?;
    let events = EVENTS / ENDPOINTS * ENDPOINTS;
    let (commits, arrivals) = world.pour(&workspaces, PER_SECOND, events, answered(events)).await?;
    Ok(latencies(&commits, &arrivals))
}
