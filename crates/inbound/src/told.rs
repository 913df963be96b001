use chrono::{DateTime, Utc};
use diesel::sql_types::{Binary, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use witan_pg::{PgError, TenantTx, Tx as _, sql};
use witan_web::Lines;

/// A receipt, as a workspace is told of it in its export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The sender's id.
    pub event_id: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// `PENDING`, `PROCESSED` or `FAILED`.
    pub state: String,
    /// The body, as text.
    pub body: String,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    event_id: String,
    #[diesel(sql_type = Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Binary)]
    body: Vec<u8>,
}

const TOLD: &str = "
SELECT event_id, received_at, state, body FROM inbound_receipts
WHERE workspace_id = $1 AND source = $2 AND event_id > $3 ORDER BY event_id LIMIT $4";

/// A page of what is kept of a source in the transaction's workspace, after this id.
///
/// # Errors
/// When the rows cannot be read.
pub async fn told(tx: &mut TenantTx<'_>, source: &str, after: &str) -> Result<Vec<Told>, PgError> {
    let query = sql(TOLD)
        .bind::<SqlUuid, _>(tx.workspace_id().uuid())
        .bind::<Text, _>(source)
        .bind::<Text, _>(after)
        .bind::<diesel::sql_types::BigInt, _>(Lines::PAGE);
    let rows: Vec<Row> = query.load(tx.conn()).await?;
    let tell = |row: Row| Told {
        event_id: row.event_id,
        received_at: row.received_at,
        state: row.state,
        body: String::from_utf8_lossy(&row.body).into_owned(),
    };
    Ok(rows.into_iter().map(tell).collect())
}
