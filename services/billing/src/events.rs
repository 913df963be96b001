//! What billing tells the others. Each is stored in the transaction of the change it reports.

use witan_clock::Clock;
use witan_events::contracts::billing::v1::{BudgetExceeded, SubscriptionUpdated};
use witan_events::publish;
use witan_pg::{PgError, TenantTx};

use crate::domain::metric::Metric;

/// The workspace has another plan.
pub(crate) async fn subscription_updated(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    plan: &str,
) -> Result<(), PgError> {
    let subject = tx.workspace_id().to_string();
    let event = SubscriptionUpdated { workspace_id: subject.clone(), plan: plan.to_owned() };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// All that the plan allows of something in this period is used.
pub(crate) async fn budget_exceeded(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    metric: Metric,
    limit: i64,
    used: i64,
) -> Result<(), PgError> {
    let subject = tx.workspace_id().to_string();
    let event =
        BudgetExceeded { workspace_id: subject.clone(), metric: metric.as_str().to_owned(), limit, used };
    publish(tx, clock, &subject, &event).await.map(drop)
}
