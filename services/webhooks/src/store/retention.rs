//! Messages that were kept long enough, with their deliveries and attempts.

use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _, sql};

/// A day on which a workspace got messages.
#[derive(Debug, QueryableByName)]
pub(crate) struct MessageDay {
    #[diesel(sql_type = Date)]
    pub(crate) day: NaiveDate,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) tenant: WorkspaceId,
}

const BEFORE: &str = "SELECT day, tenant FROM message_days WHERE day < $1 ORDER BY day, tenant LIMIT $2";

/// The first of those that are over, the oldest first.
pub(crate) async fn message_days_before(
    tx: &mut SystemTx<'_>,
    day: NaiveDate,
    most: i64,
) -> Result<Vec<MessageDay>, PgError> {
    Ok(sql(BEFORE).bind::<Date, _>(day).bind::<BigInt, _>(most).load(tx.conn()).await?)
}

const RETIRE: &str = "
DELETE FROM messages WHERE workspace_id = $1 AND id IN
    (SELECT id FROM messages WHERE workspace_id = $1 AND created_at < ($2 + 1)::timestamp AT TIME ZONE 'UTC' LIMIT $3)";

/// Removes up to `most` of the workspace's messages of that day and of those before; says how many there were.
pub(crate) async fn message_retire(tx: &mut TenantTx<'_>, day: NaiveDate, most: i64) -> Result<i64, PgError> {
    let workspace = tx.workspace_id().uuid();
    let query = sql(RETIRE).bind::<SqlUuid, _>(workspace).bind::<Date, _>(day).bind::<BigInt, _>(most);
    Ok(i64::try_from(query.execute(tx.conn()).await?).unwrap_or(i64::MAX))
}

const FORGET: &str = "DELETE FROM message_days WHERE tenant = $1 AND day <= $2";

/// Nothing of that day and of those before is left.
pub(crate) async fn message_days_forget(tx: &mut TenantTx<'_>, day: NaiveDate) -> Result<(), PgError> {
    let workspace = tx.workspace_id().uuid();
    sql(FORGET).bind::<SqlUuid, _>(workspace).bind::<Date, _>(day).execute(tx.conn()).await?;
    Ok(())
}
