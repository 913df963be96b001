//! How a workspace stands: its plan, and how much of it is used.

use chrono::{DateTime, Utc};
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};

use crate::app::App;
use crate::domain::metric::Metric;
use crate::domain::period::Period;
use crate::domain::plan::Plan;
use crate::store::counters::{CounterRow, counter_list};
use crate::store::subscriptions::subscription_plan;

/// The plan of a workspace and its counters of the current period.
pub(crate) struct Standing {
    pub(crate) plan: Plan,
    pub(crate) resets_at: DateTime<Utc>,
    counters: Vec<CounterRow>,
}

impl Standing {
    pub(crate) async fn read(app: &App, workspace: WorkspaceId) -> Result<Self, PgError> {
        let period = Period::of(app.clock.now());
        let read = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
            Ok((subscription_plan(tx).await?, counter_list(tx, period).await?))
        };
        let (key, counters) = app.pg.tenant_read("standing.read", workspace, read).await?;
        let plan = app.config.plans.of_subscription(key.as_deref()).clone();
        Ok(Self { plan, resets_at: period.ends_at(), counters })
    }

    /// What is used of a metric, and what is reserved for work under way.
    pub(crate) fn of(&self, metric: Metric) -> (i64, i64) {
        let counter = self.counters.iter().find(|counter| counter.metric == metric.as_str());
        counter.map_or((0, 0), |counter| (counter.used, counter.reserved))
    }
}
