use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
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

/// Takes back what was reserved for this work, of every metric.
pub(crate) async fn reservation_take(
    tx: &mut TenantTx<'_>,
    reference: &str,
) -> Result<Vec<ReservationRow>, PgError> {
    let rows = reservations::table
        .filter(reservations::workspace_id.eq(tx.workspace_id()).and(reservations::reference.eq(reference)));
    let taken = diesel::delete(rows).returning(ReservationRow::as_returning()).get_results(tx.conn()).await?;
    Ok(taken)
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
