//! From the commit of a change to the handler that hears of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use async_trait::async_trait;
use witan_billing::Billing;
use witan_events::contracts::billing::v1::SubscriptionUpdated;
use witan_events::{Consumers, Envelope, HandleError, TenantHandler, publish};
use witan_ids::{EventId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_testkit::{TestService, eventually_within};

use crate::table;

const PER_SECOND: u64 = 200;
const EVENTS: usize = 3000;

type Times = Arc<Mutex<HashMap<EventId, Instant>>>;

/// Notes when each event came.
struct Ear(Times);

#[async_trait]
impl TenantHandler for Ear {
    fn name(&self) -> &'static str {
        "bench"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &["subscription.updated"]
    }

    async fn handle(&self, _: &mut TenantTx<'_>, event: &Envelope) -> Result<(), HandleError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(event.id, Instant::now());
        Ok(())
    }
}

/// Prints the table.
pub(crate) async fn measure() -> Result<()> {
    let service = TestService::<Billing>::start_with(|builder| builder.env("WITAN_LOG", "error")).await;
    let cx = service.running().context();
    let heard = Times::default();
    Consumers::new(&cx.pg, &cx.amqp, &cx.clock, &cx.lifecycle, "bench").tenant(Ear(heard.clone())).spawn();
    let workspaces: Vec<WorkspaceId> = (0..50).map(|_| WorkspaceId::generate(&cx.clock)).collect();
    let mut committed = HashMap::new();
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / PER_SECOND));
    for number in 0..EVENTS + 200 {
        tick.tick().await;
        let id = commit(&service, workspaces[number % workspaces.len()]).await?;
        // The first ones find cold connections and a queue that is being made.
        if number >= 200 {
            committed.insert(id, Instant::now());
        }
    }
    eventually_within(Duration::from_secs(30), "all events", async || {
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        committed.keys().all(|id| heard.contains_key(id))
    })
    .await;
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    let mut latencies: Vec<f64> = committed
        .iter()
        .filter_map(|(id, at)| {
            heard.get(id).map(|came| came.saturating_duration_since(*at).as_secs_f64() * 1000.0)
        })
        .collect();
    latencies.sort_by(f64::total_cmp);
    let of = |share| format!("{:.1} ms", table::quantile(&latencies, share));
    let row =
        vec![latencies.len().to_string(), of(0.5), of(0.99), of(1.0), "p50 < 10 ms, p99 < 50 ms".to_owned()];
    table::print(
        &format!("Commit to consumer ({PER_SECOND} events/s, 50 workspaces)"),
        &["events", "p50", "p99", "max", "goal"],
        &[row],
    );
    Ok(())
}

async fn commit(service: &TestService<Billing>, workspace: WorkspaceId) -> Result<EventId> {
    let cx = service.running().context();
    let event = SubscriptionUpdated { workspace_id: workspace.to_string(), plan: "free".to_owned() };
    let write = async |tx: &mut TenantTx<'_>| -> Result<EventId, PgError> {
        publish(tx, &cx.clock, &event.workspace_id, &event).await
    };
    Ok(cx.pg.tenant("bench.commit", workspace, write).await?)
}
