//! What handlers and jobs can reach.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use witan_clients::Peers;
use witan_clock::Clock;
use witan_host::Context;
use witan_lifecycle::Lifecycle;
use witan_llm::{ModelInfo, Models};
use witan_pg::Pg;
use witan_web::Cursors;

use crate::config::{Config, CouncilConfig};
use crate::deliberation::Panel;
use crate::jobs::gone_models;
use crate::keys::Seals;

/// One per service; clones are handles to the same things.
#[derive(Clone)]
pub struct App {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) cursors: Cursors,
    pub(crate) peers: Peers,
    pub(crate) panel: Panel,
    pub(crate) seals: Seals,
    /// Who sits where an agent or a question does not say.
    pub(crate) council: Arc<CouncilConfig>,
    /// As many permits as runs may be under way.
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) lease: Duration,
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
        }
    }
}
