use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::subscriptions;

/// The key of the workspace's plan, if one was ever chosen.
pub(crate) async fn subscription_plan(tx: &mut TenantTx<'_>) -> Result<Option<String>, PgError> {
    let query = subscriptions::table.find(tx.workspace_id()).select(subscriptions::plan);
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Chooses a plan.
pub(crate) async fn subscription_save(
    tx: &mut TenantTx<'_>,
    plan: &str,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (
        subscriptions::workspace_id.eq(tx.workspace_id()),
        subscriptions::plan.eq(plan),
        subscriptions::updated_at.eq(now),
    );
    diesel::insert_into(subscriptions::table)
        .values(row)
        .on_conflict(subscriptions::workspace_id)
        .do_update()
        .set((subscriptions::plan.eq(plan), subscriptions::updated_at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}
