use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, Tx};

use crate::schema::run_leases as table;

/// A run under way. The table belongs to no tenant: it is how one process finds what another left.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct LeaseRow {
    pub(crate) run_id: RunId,
    pub(crate) tenant: WorkspaceId,
    pub(crate) lease_until: DateTime<Utc>,
}

pub(crate) async fn lease_insert(tx: &mut impl Tx, row: &LeaseRow) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Says that whoever carries the run is alive. False: it was given up meanwhile.
pub(crate) async fn lease_extend(
    tx: &mut impl Tx,
    run: RunId,
    until: DateTime<Utc>,
) -> Result<bool, PgError> {
    let extend = diesel::update(table::table.find(run)).set(table::lease_until.eq(until));
    Ok(extend.execute(tx.conn()).await? == 1)
}

/// Ends the lease. False: it was given up meanwhile.
pub(crate) async fn lease_delete(tx: &mut impl Tx, run: RunId) -> Result<bool, PgError> {
    Ok(diesel::delete(table::table.find(run)).execute(tx.conn()).await? == 1)
}

/// A lease that ran out before `now`, locked so that one sweeper takes each.
pub(crate) async fn lease_expired(tx: &mut impl Tx, now: DateTime<Utc>) -> Result<Option<LeaseRow>, PgError> {
    let query = table::table
        .filter(table::lease_until.lt(now))
        .order(table::lease_until.asc())
        .limit(1)
        .select(LeaseRow::as_select())
        .for_update()
        .skip_locked();
    Ok(query.first(tx.conn()).await.optional()?)
}
