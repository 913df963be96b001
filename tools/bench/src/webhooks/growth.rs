//! The same events among ten endpoints and among ten thousand.

use anyhow::Result;

use super::usage;
use super::world::{World, latencies, of};
use crate::table;

const PER_SECOND: u64 = 100;
const EVENTS: usize = 3000;
/// Endpoints of one workspace: an event goes to all of them.
const TOGETHER: usize = 10;

pub(super) async fn print() -> Result<()> {
    let (few, many) = (cost(1).await?, cost(1000).await?);
    let row = |name: &str, cost: &Cost, ratio: String, goal: &str| {
        let milliseconds = cost.seconds / cost.deliveries * 1000.0;
        vec![
            name.to_owned(),
            format!("{milliseconds:.3} ms"),
            of(&cost.waits, 0.5),
            of(&cost.waits, 0.99),
            ratio,
            goal.to_owned(),
        ]
    };
    let ratio = many.seconds / many.deliveries / (few.seconds / few.deliveries);
    let rows = [row("10", &few, String::new(), ""), row("10,000", &many, format!("{ratio:.2} x"), "1.2 x")];
    let head = ["endpoints", "processor time of a delivery", "p50", "p99", "beside", "goal"];
    table::print(&format!("Webhooks as endpoints grow ({PER_SECOND} events/s, each to 10)"), &head, &rows);
    Ok(())
}

struct Cost {
    seconds: f64,
    deliveries: f64,
    waits: Vec<f64>,
}

#[expect(clippy::cast_precision_loss, reason = "some thousands")]
async fn cost(workspaces: usize) -> Result<Cost> {
    let world = World::start().await?;
    let workspaces = world.settle(workspaces, TOGETHER, |_| "/ok").await?;
    world.pour(&workspaces, PER_SECOND, 200, 200 * TOGETHER).await?;
    let begun = usage::busy_seconds()?;
    let (commits, arrivals) = world.pour(&workspaces, PER_SECOND, EVENTS, EVENTS * TOGETHER).await?;
    let seconds = usage::busy_seconds()? - begun;
    Ok(Cost { seconds, deliveries: (EVENTS * TOGETHER) as f64, waits: latencies(&commits, &arrivals) })
}
