use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, Tx, prepared, sql};

use crate::domain::budget::{Account, Take};
use crate::schema::run_leases as table;

/// A run that has not ended. The table belongs to no tenant: it is how one process finds what waits, and what another
/// left.
#[derive(Debug, Clone, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct LeaseRow {
    pub(crate) run_id: RunId,
    pub(crate) tenant: WorkspaceId,
    /// Whoever finds it after this may carry it.
    pub(crate) lease_until: DateTime<Utc>,
    /// The process that carries it, if one does.
    pub(crate) holder: Option<Uuid>,
    /// How often it was begun.
    pub(crate) attempts: i16,
    pub(crate) cancel_requested: bool,
    /// What runs that it started have taken of its budget, or may take yet: millionths of the currency,
    pub(crate) drawn_cost: i64,
    /// tokens,
    pub(crate) drawn_tokens: i64,
    /// calls.
    pub(crate) drawn_calls: i64,
    /// What its own calls took, where it has a budget: the same three.
    pub(crate) spent_cost: i64,
    pub(crate) spent_tokens: i64,
    pub(crate) spent_calls: i64,
    /// And what those under way may take.
    pub(crate) reserved_cost: i64,
    pub(crate) reserved_tokens: i64,
    pub(crate) reserved_calls: i64,
}

impl LeaseRow {
    /// What of its budget is gone.
    pub(crate) fn account(&self) -> Account {
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        let take = |cost, tokens, calls| Take {
            cost_micros: count(cost),
            tokens: count(tokens),
            calls: count(calls),
        };
        Account {
            spent: take(self.spent_cost, self.spent_tokens, self.spent_calls),
            reserved: take(self.reserved_cost, self.reserved_tokens, self.reserved_calls),
            drawn: take(self.drawn_cost, self.drawn_tokens, self.drawn_calls),
        }
    }
}

/// Calls that were under way with another process are nobody's any more.
const CLAIM: &str = "
UPDATE run_leases SET holder = $1, lease_until = $3, attempts = attempts + 1,
    reserved_cost = 0, reserved_tokens = 0, reserved_calls = 0
WHERE run_id IN (
    SELECT run_id FROM run_leases WHERE lease_until <= $2 AND holder IS DISTINCT FROM $1
    ORDER BY lease_until LIMIT $4 FOR UPDATE SKIP LOCKED
) RETURNING *";

pub(crate) async fn lease_insert(tx: &mut impl Tx, row: &LeaseRow) -> Result<(), PgError> {
    prepared(diesel::insert_into(table::table).values(row)).execute(tx.conn()).await?;
    Ok(())
}

/// How many runs there are to take, up to `most`.
pub(crate) async fn lease_waiting(
    tx: &mut impl Tx,
    holder: Uuid,
    now: DateTime<Utc>,
    most: usize,
) -> Result<usize, PgError> {
    let waiting = table::table
        .filter(table::lease_until.le(now))
        .filter(table::holder.is_distinct_from(holder))
        .select(table::run_id)
        .limit(i64::try_from(most).unwrap_or(i64::MAX));
    Ok(waiting.load::<RunId>(tx.conn()).await?.len())
}

/// Takes runs that nobody carries, or whose process has shown no sign of life.
pub(crate) async fn lease_claim(
    tx: &mut impl Tx,
    holder: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<LeaseRow>, PgError> {
    let claim = sql(CLAIM)
        .bind::<SqlUuid, _>(holder)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(until)
        .bind::<BigInt, _>(limit);
    Ok(claim.load(tx.conn()).await?)
}

/// The runs that a process carries.
pub(crate) async fn lease_list(tx: &mut impl Tx, holder: Uuid) -> Result<Vec<LeaseRow>, PgError> {
    let held = table::table.filter(table::holder.eq(holder)).select(LeaseRow::as_select());
    Ok(held.load(tx.conn()).await?)
}

/// Says that the process is alive.
pub(crate) async fn lease_extend(
    tx: &mut impl Tx,
    holder: Uuid,
    until: DateTime<Utc>,
) -> Result<(), PgError> {
    let held = table::table.filter(table::holder.eq(holder));
    diesel::update(held).set(table::lease_until.eq(until)).execute(tx.conn()).await?;
    Ok(())
}

/// Gives a run back, for anybody to carry on.
pub(crate) async fn lease_release(
    tx: &mut impl Tx,
    run: RunId,
    holder: Uuid,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    diesel::update(table::table.find(run).filter(table::holder.eq(holder)))
        .set((table::holder.eq(None::<Uuid>), table::lease_until.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Whether the run is still carried by this process in this attempt; if so, nobody takes it over before the transaction
/// ends.
pub(crate) async fn lease_held(
    tx: &mut impl Tx,
    run: RunId,
    holder: Uuid,
    attempt: i16,
) -> Result<bool, PgError> {
    let held = table::table
        .find(run)
        .filter(table::holder.eq(holder))
        .filter(table::attempts.eq(attempt))
        .select(table::run_id)
        .for_share();
    Ok(held.first::<RunId>(tx.conn()).await.optional()?.is_some())
}

/// The lease of a run that has not ended, locked. It is locked before the run's own row, by everybody.
pub(crate) async fn lease_lock(tx: &mut impl Tx, run: RunId) -> Result<Option<LeaseRow>, PgError> {
    let query = table::table.find(run).select(LeaseRow::as_select()).for_update();
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Notes what of a run's budget is gone. The caller has locked its lease.
pub(crate) async fn lease_account(tx: &mut impl Tx, run: RunId, account: Account) -> Result<(), PgError> {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let Account { spent, reserved, drawn } = account;
    let account = diesel::update(table::table.find(run)).set((
        table::spent_cost.eq(count(spent.cost_micros)),
        table::spent_tokens.eq(count(spent.tokens)),
        table::spent_calls.eq(count(spent.calls)),
        table::reserved_cost.eq(count(reserved.cost_micros)),
        table::reserved_tokens.eq(count(reserved.tokens)),
        table::reserved_calls.eq(count(reserved.calls)),
        table::drawn_cost.eq(count(drawn.cost_micros)),
        table::drawn_tokens.eq(count(drawn.tokens)),
        table::drawn_calls.eq(count(drawn.calls)),
    ));
    prepared(account).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn lease_request_cancel(tx: &mut impl Tx, run: RunId) -> Result<(), PgError> {
    diesel::update(table::table.find(run)).set(table::cancel_requested.eq(true)).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn lease_delete(tx: &mut impl Tx, run: RunId) -> Result<(), PgError> {
    diesel::delete(table::table.find(run)).execute(tx.conn()).await?;
    Ok(())
}
