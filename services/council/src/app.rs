//! What handlers and jobs can reach.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;
use witan_clients::Peers;
use witan_clock::Clock;
use witan_host::Context;
use witan_ids::RunId;
use witan_lifecycle::Lifecycle;
use witan_llm::{ModelInfo, Models};
use witan_pg::Pg;
use witan_web::Cursors;
use witan_web::sse::LiveLogs;

use crate::config::{Config, CouncilConfig};
use crate::deliberation::Panel;
use crate::domain::budget::RunBudget;
use crate::jobs::gone_models;
use crate::keys::Seals;
use crate::runs::hold::Holds;
use crate::store::run_events::RunEventRow;

/// One per service; clones are handles to the same things.
#[derive(Clone)]
pub struct App {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) cursors: Cursors,
    pub(crate) peers: Arc<Peers>,
    pub(crate) panel: Panel,
    pub(crate) seals: Seals,
    /// Who sits where an agent or a question does not say.
    pub(crate) council: Arc<CouncilConfig>,
    /// As many permits as runs may be under way.
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) lease: Duration,
    /// What this process is called in leases.
    pub(crate) holder: Uuid,
    /// The runs that it carries.
    pub(crate) holds: Holds,
    /// Their logs.
    pub(crate) live: LiveLogs<RunId, RunEventRow>,
    /// Rung when there may be a run to take.
    pub(crate) wake: Arc<Notify>,
    /// How long the events of a run that has ended are kept.
    pub(crate) event_retention: Duration,
    /// What every run may take at most.
    pub(crate) budget: RunBudget,
}

impl App {
    pub(crate) fn new(config: Config, cx: &Context) -> Self {
        let models = Models::new(&config.models, &cx.egress, &cx.clock, Some(&cx.kv));
        if models.default_model().is_none_or(ModelInfo::is_simulated) {
            tracing::warn!("every model is simulated: answers only look like advice");
        }
        let gone =
            gone_models::listen(cx.pg.clone(), cx.clock.clone(), cx.lifecycle.stopping(), models.gone());
        cx.lifecycle.spawn("model.gone", gone);
        Self {
            pg: cx.pg.clone(),
            clock: cx.clock.clone(),
            lifecycle: cx.lifecycle.clone(),
            cursors: cx.cursors.clone(),
            peers: cx.peers.clone(),
            panel: Panel::new(models, cx.clock.clone()),
            seals: Seals::new(cx.cipher.clone(), cx.clock.clone()),
            council: Arc::new(config.council),
            slots: Arc::new(Semaphore::new(config.max_runs)),
            lease: config.lease,
            holder: Uuid::from_bytes(cx.clock.random()),
            holds: Holds::default(),
            live: LiveLogs::default(),
            wake: Arc::default(),
            event_retention: config.event_retention,
            budget: config.budget,
        }
    }

    /// Stops a run if this process carries it.
    pub(crate) fn stop(&self, run: RunId) {
        if let Some(live) = self.live.find(run) {
            live.stop.cancel();
        }
    }
}
