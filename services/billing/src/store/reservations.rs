use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::domain::metric::Metric;
use crate::domain::period::Period;
use crate::schema::reservations;

/// A part of a plan that work under way has taken.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = reservations, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ReservationRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) reference: String,
    pub(crate) metric: String,
    pub(crate) period: NaiveDate,
    pub(crate) amount: i64,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Whether something is reserved for this work.
pub(crate) async fn reservation_exists(
    tx: &mut TenantTx<'_>,
    reference: &str,
    metric: Metric,
) -> Result<bool, PgError> {
    let row = reservations::table.find((tx.workspace_id(), reference, metric.as_str()));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(tx.conn()).await?)
}

pub(crate) async fn reservation_insert(tx: &mut TenantTx<'_>, row: &ReservationRow) -> Result<(), PgError> {
    diesel::insert_into(reservations::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// What is reserved for this work, of every metric.
pub(crate) async fn reservation_list(
    tx: &mut TenantTx<'_>,
    reference: &str,
) -> Result<Vec<ReservationRow>, PgError> {
    let rows = reservations::table
        .filter(reservations::workspace_id.eq(tx.workspace_id()).and(reservations::reference.eq(reference)))
        .select(ReservationRow::as_select());
    Ok(rows.load(tx.conn()).await?)
}

/// Takes a reservation back; how much it was, or nothing when somebody else did.
pub(crate) async fn reservation_take(
    tx: &mut TenantTx<'_>,
    reference: &str,
    metric: Metric,
) -> Result<Option<i64>, PgError> {
    let row = reservations::table.find((tx.workspace_id(), reference, metric.as_str()));
    let taken = diesel::delete(row).returning(reservations::amount).get_result(tx.conn()).await;
    Ok(taken.optional()?)
}

/// The periods in which something of this metric has lapsed, earliest first.
pub(crate) async fn reservation_lapsed_periods(
    tx: &mut TenantTx<'_>,
    metric: Metric,
    now: DateTime<Utc>,
) -> Result<Vec<NaiveDate>, PgError> {
    let lapsed = reservations::table
        .filter(
            reservations::workspace_id
                .eq(tx.workspace_id())
                .and(reservations::metric.eq(metric.as_str()))
                .and(reservations::expires_at.le(now)),
        )
        .select(reservations::period)
        .distinct()
        .order(reservations::period.asc());
    Ok(lapsed.load(tx.conn()).await?)
}

/// Drops what has lapsed, and says how much that was.
pub(crate) async fn reservation_lapse(
    tx: &mut TenantTx<'_>,
    metric: Metric,
    period: Period,
    now: DateTime<Utc>,
) -> Result<i64, PgError> {
    let lapsed = reservations::table.filter(
        reservations::workspace_id
            .eq(tx.workspace_id())
            .and(reservations::metric.eq(metric.as_str()))
            .and(reservations::period.eq(period.first_day()))
            .and(reservations::expires_at.le(now)),
    );
    let amounts: Vec<i64> =
        diesel::delete(lapsed).returning(reservations::amount).get_results(tx.conn()).await?;
    Ok(amounts.iter().sum())
}

/// How much of each metric is held by work under way: what has lapsed and nobody has cleared away holds nothing.
pub(crate) async fn reservation_held(
    tx: &mut TenantTx<'_>,
    period: Period,
    now: DateTime<Utc>,
) -> Result<Vec<(String, i64)>, PgError> {
    let held = reservations::table
        .filter(
            reservations::workspace_id
                .eq(tx.workspace_id())
                .and(reservations::period.eq(period.first_day()))
                .and(reservations::expires_at.gt(now)),
        )
        .group_by(reservations::metric)
        .select((reservations::metric, sql::<BigInt>("sum(amount)::bigint")));
    Ok(held.load(tx.conn()).await?)
}
