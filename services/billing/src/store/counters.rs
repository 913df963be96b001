use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, TenantTx, Tx as _, expect_one, prepared};

use crate::domain::metric::Metric;
use crate::domain::period::Period;
use crate::schema::counters;

/// How one metric stands in one period.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = counters, check_for_backend(diesel::pg::Pg))]
pub(crate) struct CounterRow {
    pub(crate) metric: String,
    pub(crate) used: i64,
    pub(crate) reserved: i64,
    pub(crate) exceeded_at: Option<DateTime<Utc>>,
}

/// All that was counted in a period.
pub(crate) async fn counter_list(tx: &mut TenantTx<'_>, period: Period) -> Result<Vec<CounterRow>, PgError> {
    let query = counters::table
        .filter(counters::workspace_id.eq(tx.workspace_id()).and(counters::period.eq(period.first_day())))
        .select(CounterRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// The counter, made if need be, and locked until the transaction ends: who reserves or counts takes turns.
pub(crate) async fn counter_lock(
    tx: &mut TenantTx<'_>,
    metric: Metric,
    period: Period,
) -> Result<CounterRow, PgError> {
    let key = (
        counters::workspace_id.eq(tx.workspace_id()),
        counters::metric.eq(metric.as_str()),
        counters::period.eq(period.first_day()),
    );
    prepared(diesel::insert_into(counters::table).values(key).on_conflict_do_nothing())
        .execute(tx.conn())
        .await?;
    let query = counters::table
        .find((tx.workspace_id(), metric.as_str(), period.first_day()))
        .select(CounterRow::as_select())
        .for_update();
    Ok(query.first(tx.conn()).await?)
}

/// Adds to both sides of a counter; a negative number takes away.
pub(crate) async fn counter_add(
    tx: &mut TenantTx<'_>,
    metric: Metric,
    period: Period,
    used: i64,
    reserved: i64,
) -> Result<(), PgError> {
    let counter = counters::table.find((tx.workspace_id(), metric.as_str(), period.first_day()));
    let change =
        (counters::used.eq(counters::used + used), counters::reserved.eq(counters::reserved + reserved));
    expect_one(prepared(diesel::update(counter).set(change)).execute(tx.conn()).await?)
}

/// Notes that the limit was reached.
pub(crate) async fn counter_mark_exceeded(
    tx: &mut TenantTx<'_>,
    metric: Metric,
    period: Period,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let counter = counters::table.find((tx.workspace_id(), metric.as_str(), period.first_day()));
    let updated = diesel::update(counter).set(counters::exceeded_at.eq(now)).execute(tx.conn()).await?;
    expect_one(updated)
}

/// Forgets that the limit was reached, where `limit` leaves room again; without a limit, in any case.
pub(crate) async fn counter_reopen(
    tx: &mut TenantTx<'_>,
    metric: Metric,
    period: Period,
    limit: Option<i64>,
) -> Result<(), PgError> {
    let counter = counters::table.find((tx.workspace_id(), metric.as_str(), period.first_day()));
    let roomy = counter.filter(counters::used.lt(limit.unwrap_or(i64::MAX)));
    diesel::update(roomy).set(counters::exceeded_at.eq(None::<DateTime<Utc>>)).execute(tx.conn()).await?;
    Ok(())
}
