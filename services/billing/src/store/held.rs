//! What is held of a workspace, as it is told it.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::{counters, subscriptions};

/// Its plan.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = subscriptions)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldSubscription {
    plan: String,
    updated_at: DateTime<Utc>,
}

/// What it used in a month.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = counters)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldUsage {
    metric: String,
    period: NaiveDate,
    used: i64,
    exceeded_at: Option<DateTime<Utc>>,
}

pub(crate) async fn held_subscription(tx: &mut TenantTx<'_>) -> Result<Option<HeldSubscription>, PgError> {
    let query = HeldSubscription::query().filter(subscriptions::workspace_id.eq(tx.workspace_id()));
    Ok(query.first(tx.conn()).await.optional()?)
}

/// A few rows a month.
pub(crate) async fn held_usage(tx: &mut TenantTx<'_>) -> Result<Vec<HeldUsage>, PgError> {
    let query = HeldUsage::query().filter(counters::workspace_id.eq(tx.workspace_id()));
    Ok(query.order((counters::period, counters::metric)).load(tx.conn()).await?)
}
