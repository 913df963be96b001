use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{AttemptId, DeliveryId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::attempts;

/// One attempt, as the log shows it.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = attempts, check_for_backend(diesel::pg::Pg))]
pub(crate) struct AttemptRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: AttemptId,
    pub(crate) delivery_id: DeliveryId,
    pub(crate) number: i32,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) duration_ms: i32,
    pub(crate) outcome: String,
    pub(crate) status: Option<i32>,
    pub(crate) response_body: String,
    pub(crate) truncated: bool,
    pub(crate) next_attempt_at: Option<DateTime<Utc>>,
}

pub(crate) async fn attempt_insert(tx: &mut TenantTx<'_>, row: &AttemptRow) -> Result<(), PgError> {
    diesel::insert_into(attempts::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Oldest first. A delivery has tens of attempts at most, resends included; a bound keeps it so.
pub(crate) async fn attempt_list(
    tx: &mut TenantTx<'_>,
    delivery: DeliveryId,
) -> Result<Vec<AttemptRow>, PgError> {
    let query = attempts::table
        .filter(attempts::delivery_id.eq(delivery))
        .order(attempts::number.asc())
        .limit(500)
        .select(AttemptRow::as_select());
    Ok(query.load(tx.conn()).await?)
}
