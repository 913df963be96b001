//! A real webhooks service, whose workspaces have endpoints.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde_json::json;
use witan_events::contracts::tenancy::v1::StartupCreated;
use witan_events::publish;
use witan_ids::{StartupId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_testkit::{Client, TestService, eventually_within};
use witan_webhooks::Webhooks;

use super::receiver::{Arrivals, Receiver};
use crate::bare::WORKERS;
use crate::table;

/// When each event was committed, by its id.
pub(super) type Commits = HashMap<String, Instant>;

pub(super) struct World {
    pub(super) service: TestService<Webhooks>,
    pub(super) receiver: Receiver,
}

impl World {
    pub(super) async fn start() -> Result<Self> {
        let service = TestService::<Webhooks>::start_with(|builder| {
            let limits = ["GENERAL", "API", "AUTH"].map(|class| format!("RATE_LIMIT_{class}"));
            let builder = limits.iter().fold(builder, |builder, name| builder.env(name, "100000000"));
            builder
                .env("WITAN_LOG", "error")
                .env("WITAN_WORKERS", WORKERS.to_string())
                .env("WEBHOOKS_MAX_ENDPOINTS", "1000")
        })
        .await;
        service.listening().await;
        Ok(Self { service, receiver: Receiver::start()? })
    }

    /// New workspaces with as many endpoints each; `path` says where the number of an endpoint leads.
    pub(super) async fn settle(
        &self,
        workspaces: usize,
        endpoints: usize,
        path: impl Fn(usize) -> &'static str,
    ) -> Result<Vec<WorkspaceId>> {
        let (service, clock) = (&self.service, self.service.clock());
        let user = UserId::generate(clock);
        let made: Vec<WorkspaceId> = (0..workspaces).map(|_| WorkspaceId::generate(clock)).collect();
        let mut wanted = Vec::new();
        for (number, workspace) in made.iter().enumerate() {
            service.peers().admin(user, *workspace);
            let person = service.person(user, None).in_workspace(*workspace);
            for endpoint in 0..endpoints {
                wanted.push((person.clone(), self.receiver.url(path(number * endpoints + endpoint))));
            }
        }
        iter(wanted.into_iter().map(|(person, url)| subscribe(person, url)))
            .buffer_unordered(8)
            .try_collect::<Vec<()>>()
            .await?;
        Ok(made)
    }

    /// Commits something that the workspace's endpoints want to hear of; gives the event's id and the moment.
    pub(super) async fn commit(&self, workspace: WorkspaceId) -> Result<(String, Instant)> {
        let cx = self.service.running().context();
        let id = StartupId::generate(&cx.clock).to_string();
        let name = "Analytical Engines".to_owned();
        let event = StartupCreated { workspace_id: workspace.to_string(), startup_id: id.clone(), name };
        let write =
            async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { publish(tx, &cx.clock, &id, &event).await };
        let event = cx.pg.tenant("bench.commit", workspace, write).await?;
        Ok((event.to_string(), Instant::now()))
    }

    /// Commits so many a second, in turns over the workspaces, and waits until `expected` requests have come.
    pub(super) async fn pour(
        &self,
        workspaces: &[WorkspaceId],
        per_second: u64,
        events: usize,
        expected: usize,
    ) -> Result<(Commits, Arrivals)> {
        let _ = self.receiver.forget();
        let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / per_second));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut commits = Commits::new();
        for number in 0..events {
            tick.tick().await;
            let (id, at) = self.commit(workspaces[number % workspaces.len()]).await?;
            commits.insert(id, at);
        }
        self.wait_for(expected).await;
        Ok((commits, self.receiver.forget()))
    }

    /// Waits until so many requests have come.
    pub(super) async fn wait_for(&self, count: usize) {
        let come = async || self.receiver.count() >= count;
        eventually_within(Duration::from_secs(120), "the last delivery", come).await;
    }
}

async fn subscribe(person: Client, url: String) -> Result<()> {
    let endpoint = json!({ "url": url, "events": ["startup.created"] });
    let made = person.post("/api/v1/webhooks/endpoints", endpoint).await;
    (made.status == 201).then_some(()).with_context(|| format!("no endpoint: {}", made.text))
}

/// Milliseconds from each commit to its first arrival, sorted.
pub(super) fn latencies(commits: &Commits, arrivals: &Arrivals) -> Vec<f64> {
    let waits = commits.iter().filter_map(|(id, at)| {
        let came = arrivals.get(id)?;
        Some(came.saturating_duration_since(*at).as_secs_f64() * 1000.0)
    });
    let mut waits: Vec<f64> = waits.collect();
    waits.sort_by(f64::total_cmp);
    waits
}

/// A quantile in words.
pub(super) fn of(latencies: &[f64], share: f64) -> String {
    format!("{:.1} ms", table::quantile(latencies, share))
}
