//! How a workspace stands: its plan, and how much of it is used.

use chrono::{DateTime, Utc};
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};

use crate::app::App;
use crate::domain::metric::Metric;
use crate::domain::period::Period;
use crate::domain::plan::Plan;
use crate::store::counters::{CounterRow, counter_list};
use crate::store::reservations::reservation_held;
use crate::store::subscriptions::subscription_plan;

/// The plan of a workspace and its counters of the current period.
pub(crate) struct Standing {
    pub(crate) plan: Plan,
    pub(crate) resets_at: DateTime<Utc>,
    used: Vec<CounterRow>,
    held: Vec<(String, i64)>,
}

impl Standing {
    pub(crate) async fn read(app: &App, workspace: WorkspaceId) -> Result<Self, PgError> {
        let now = app.clock.now();
        let period = Period::of(now);
        let read = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
            let key = subscription_plan(tx).await?;
            Ok((key, counter_list(tx, period).await?, reservation_held(tx, period, now).await?))
        };
        let (key, used, held) = app.pg.tenant_read("standing.read", workspace, read).await?;
        let plan = app.config.plans.of_subscription(key.as_deref()).clone();
        Ok(Self { plan, resets_at: period.ends_at(), used, held })
    }

    /// What is used of a metric, and what is reserved for work under way.
    pub(crate) fn of(&self, metric: Metric) -> (i64, i64) {
        let used = self.used.iter().find(|counter| counter.metric == metric.as_str());
        let held = self.held.iter().find(|(held, _)| held == metric.as_str());
        (used.map_or(0, |counter| counter.used), held.map_or(0, |(_, amount)| *amount))
    }
}
