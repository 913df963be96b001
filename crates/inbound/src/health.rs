use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, TenantTx, Tx as _, sql};

/// How a source is doing in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, diesel::QueryableByName)]
pub struct Health {
    /// How many wait to be processed.
    #[diesel(sql_type = BigInt)]
    pub pending: i64,
    /// How many were given up, of those that are still kept.
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
    /// Since when the oldest one waits.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub oldest_pending_at: Option<DateTime<Utc>>,
    /// When something came last.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_received_at: Option<DateTime<Utc>>,
    /// When something was processed last.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_processed_at: Option<DateTime<Utc>>,
    /// Why the last one that failed did.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
}

const HEALTH: &str = "
SELECT count(*) FILTER (WHERE state = 'PENDING') AS pending, count(*) FILTER (WHERE state = 'FAILED') AS failed,
    min(received_at) FILTER (WHERE state = 'PENDING') AS oldest_pending_at, max(received_at) AS last_received_at,
    max(finished_at) FILTER (WHERE state = 'PROCESSED') AS last_processed_at,
    (array_agg(last_error ORDER BY finished_at DESC) FILTER (WHERE state = 'FAILED'))[1] AS last_error
FROM inbound_receipts WHERE workspace_id = $1 AND source = $2";

/// How the source is doing in the transaction's workspace.
///
/// # Errors
/// When the rows cannot be read.
pub async fn health(tx: &mut TenantTx<'_>, source: &str) -> Result<Health, PgError> {
    let query = sql(HEALTH).bind::<SqlUuid, _>(tx.workspace_id().uuid()).bind::<Text, _>(source);
    Ok(query.get_result(tx.conn()).await?)
}
