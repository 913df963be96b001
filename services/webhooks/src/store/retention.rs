//! What was kept long enough: messages, mentions and attempts go by whole days, deliveries in batches.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_ids::{DeliveryId, WorkspaceId};
use witan_pg::partitions::{Needed, Partitioned, clear_default, drop_before, earlier, make};
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _, sql};

use super::attempts::attempt_forget;
use crate::domain::span::Span;

/// The tables with days.
pub(crate) const TABLES: [&str; 3] = ["messages", "mentions", "attempts"];
/// A message is a little older than the ids of its deliveries, so that none loses its message.
const LEEWAY: TimeDelta = TimeDelta::minutes(1);

/// Makes the coming days' partitions of a table; says how many.
pub(crate) async fn days_make(
    tx: &mut SystemTx<'_>,
    table: &'static str,
    today: NaiveDate,
) -> Result<i32, PgError> {
    Ok(make(tx.conn(), table, today).await?)
}

/// The time by which things are old, which is never ahead of the database's.
pub(crate) async fn retention_time(
    tx: &mut SystemTx<'_>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, PgError> {
    Ok(earlier(tx.conn(), now).await?)
}

/// Drops the days of messages that hold nothing from `before` or later, which no delivery needs any more; says how many.
pub(crate) async fn message_days_drop(tx: &mut SystemTx<'_>, before: DateTime<Utc>) -> Result<i32, PgError> {
    // A message counts from when it came, however long its event was on the way.
    let needed = Needed::Since("created_at", before - LEEWAY);
    let messages = Partitioned { table: "messages", needed, along: &["mentions"] };
    Ok(drop_before(tx.conn(), messages, before.date_naive()).await?)
}

/// The same of attempts, all of which are as old as their day.
pub(crate) async fn attempt_days_drop(tx: &mut SystemTx<'_>, before: DateTime<Utc>) -> Result<i32, PgError> {
    let attempts = Partitioned { table: "attempts", needed: Needed::Never, along: &[] };
    Ok(drop_before(tx.conn(), attempts, before.date_naive()).await?)
}

/// Removes some of what is in no day's partition; says whether there may be more.
pub(crate) async fn strays_drop(tx: &mut SystemTx<'_>, before: DateTime<Utc>) -> Result<bool, PgError> {
    let mut more = false;
    for (table, dated) in [("messages", "created_at"), ("mentions", "created_at"), ("attempts", "started_at")]
    {
        more |= clear_default(tx.conn(), table, dated, before - LEEWAY).await?;
    }
    Ok(more)
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = SqlUuid)]
    workspace: WorkspaceId,
}

const PLACES: &str = "SELECT workspace FROM workspaces_with_messages($1, $2, $3) AS found (workspace)";

/// The next workspaces behind `after` with messages from `before` or earlier.
pub(crate) async fn retention_places(
    tx: &mut SystemTx<'_>,
    before: DateTime<Utc>,
    after: WorkspaceId,
    most: i32,
) -> Result<Vec<WorkspaceId>, PgError> {
    let query = sql(PLACES).bind::<Date, _>(before.date_naive()).bind::<SqlUuid, _>(after);
    let places: Vec<Place> = query.bind::<Integer, _>(most).load(tx.conn()).await?;
    Ok(places.into_iter().map(|place| place.workspace).collect())
}

#[derive(QueryableByName)]
struct Retired {
    #[diesel(sql_type = SqlUuid)]
    id: DeliveryId,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    finished_at: Option<DateTime<Utc>>,
}

/// One order for all, so that two who do it at once wait for each other and no longer.
const RETIRE: &str = "
DELETE FROM deliveries WHERE workspace_id = $1 AND id = ANY (ARRAY (
    SELECT id FROM deliveries WHERE workspace_id = $1 AND id < $2 ORDER BY id LIMIT $3 FOR UPDATE))
RETURNING id, attempts, finished_at";

#[derive(QueryableByName)]
struct Left {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    left: bool,
}

const LEFT: &str = "SELECT EXISTS (SELECT FROM deliveries WHERE workspace_id = $1 AND id < $2) AS left";

/// Removes up to `most` of the workspace's deliveries from before that time, the oldest first; says whether there are more. Their attempts
/// go with their days, but for those that were made on a later one.
pub(crate) async fn delivery_retire(
    tx: &mut TenantTx<'_>,
    before: DateTime<Utc>,
    most: i64,
) -> Result<bool, PgError> {
    let workspace = tx.workspace_id().uuid();
    let lowest = |since| Span { since: Some(since), until: None }.lowest();
    let query = sql(RETIRE).bind::<SqlUuid, _>(workspace).bind::<SqlUuid, _>(lowest(before));
    let retired: Vec<Retired> = query.bind::<BigInt, _>(most).load(tx.conn()).await?;
    let next_day =
        before.date_naive().succ_opt().unwrap_or(NaiveDate::MAX).and_time(chrono::NaiveTime::MIN).and_utc();
    let outlived = |row: &Retired| row.attempts > 0 && row.finished_at.is_none_or(|at| at >= next_day);
    let outliving: Vec<DeliveryId> = retired.into_iter().filter(outlived).map(|row| row.id).collect();
    if !outliving.is_empty() {
        attempt_forget(tx, &outliving, lowest(next_day)).await?;
    }
    let query = sql(LEFT).bind::<SqlUuid, _>(workspace).bind::<SqlUuid, _>(lowest(before));
    Ok(query.get_result::<Left>(tx.conn()).await?.left)
}
