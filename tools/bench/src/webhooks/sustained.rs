//! As many as it can for a minute, beside a client that only posts.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::try_join_all;
use witan_ids::WorkspaceId;

use super::world::{Commits, World, latencies, of};
use super::{bare, usage};
use crate::table;

const LASTS: Duration = Duration::from_secs(60);
const BARE_LASTS: Duration = Duration::from_secs(10);
const WORKSPACES: usize = 50;
/// Committed and not yet delivered, at most: enough that nobody waits for work.
const UNDERWAY: usize = 500;
const WRITERS: usize = 8;

pub(super) async fn print() -> Result<()> {
    let mut rows = Vec::new();
    for endpoints in [1, 10] {
        rows.push(row(endpoints).await?);
    }
    let head = [
        "endpoints that want an event",
        "deliveries/s",
        "p50",
        "p99",
        "processor seconds per 10,000",
        "memory per 10,000",
        "bare posts/s",
        "share",
        "goal",
    ];
    table::print("Webhooks, sustained for 60 s (from commit to receiver)", &head, &rows);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "some hundred thousand")]
async fn row(endpoints: usize) -> Result<Vec<String>> {
    let world = World::start().await?;
    let workspaces = world.settle(WORKSPACES, endpoints, |_| "/ok").await?;
    // Cold connections and plans are not what is asked.
    world.pour(&workspaces, 100, 200, 200 * endpoints).await?;
    let (busy, memory) = (usage::busy_seconds()?, usage::resident()?);
    let begun = Instant::now();
    let commits = press(&world, &workspaces, endpoints, begun).await?;
    world.wait_for(commits.len() * endpoints).await;
    let elapsed = begun.elapsed().as_secs_f64();
    let deliveries = (commits.len() * endpoints) as f64;
    let (busy, memory) = (usage::busy_seconds()? - busy, usage::resident()? - memory);
    let waits = latencies(&commits, &world.receiver.forget());
    let bare = bare::rate(&world.receiver, BARE_LASTS).await?;
    let rate = deliveries / elapsed;
    Ok(vec![
        endpoints.to_string(),
        format!("{rate:.0}"),
        of(&waits, 0.5),
        of(&waits, 0.99),
        format!("{:.1} s", busy / deliveries * 10_000.0),
        format!("{:.1} MB", memory / deliveries * 10_000.0),
        format!("{bare:.0}"),
        format!("{:.0} %", rate / bare * 100.0),
        "50 %".to_owned(),
    ])
}

/// Commits as fast as what is committed gets delivered.
async fn press(
    world: &World,
    workspaces: &[WorkspaceId],
    endpoints: usize,
    begun: Instant,
) -> Result<Commits> {
    let committed = std::sync::atomic::AtomicUsize::new(0);
    let writers = (0..WRITERS).map(|_| async {
        let mut commits = Commits::new();
        while begun.elapsed() < LASTS {
            let number = committed.load(std::sync::atomic::Ordering::Relaxed);
            if number * endpoints >= world.receiver.count() + UNDERWAY {
                tokio::time::sleep(Duration::from_millis(2)).await;
                continue;
            }
            committed.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let (id, at) = world.commit(workspaces[number % workspaces.len()]).await?;
            commits.insert(id, at);
        }
        anyhow::Ok(commits)
    });
    Ok(try_join_all(writers).await?.into_iter().flatten().collect())
}
