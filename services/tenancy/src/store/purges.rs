//! How far every service is with removing what it holds of a workspace.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::domain::deletion::SERVICES;
use crate::schema::purges;

const REQUESTED: &str = "REQUESTED";
const DONE: &str = "DONE";

/// One service's part.
#[derive(Debug, HasQuery)]
#[diesel(table_name = purges)]
pub(crate) struct PurgeRow {
    pub(crate) service: String,
    pub(crate) state: String,
    pub(crate) done_at: Option<DateTime<Utc>>,
    pub(crate) rows: Option<i64>,
}

impl PurgeRow {
    pub(crate) fn is_done(&self) -> bool {
        self.state == DONE
    }
}

/// Notes that everybody is asked.
pub(crate) async fn purge_begin(tx: &mut TenantTx<'_>, now: DateTime<Utc>) -> Result<(), PgError> {
    let id = tx.workspace_id();
    let rows: Vec<_> = SERVICES
        .into_iter()
        .map(|service| {
            (
                purges::workspace_id.eq(id),
                purges::service.eq(service),
                purges::state.eq(REQUESTED),
                purges::requested_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(purges::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

/// How far every service is, held until the transaction ends: of two who report at the same time the second sees the first.
pub(crate) async fn purge_lock(tx: &mut TenantTx<'_>) -> Result<Vec<PurgeRow>, PgError> {
    let all = PurgeRow::query().filter(purges::workspace_id.eq(tx.workspace_id()));
    Ok(all.order(purges::service).for_update().load(tx.conn()).await?)
}

/// How far every service is.
pub(crate) async fn purge_list(tx: &mut TenantTx<'_>) -> Result<Vec<PurgeRow>, PgError> {
    let all = PurgeRow::query().filter(purges::workspace_id.eq(tx.workspace_id()));
    Ok(all.order(purges::service).load(tx.conn()).await?)
}

/// Notes what a service reports.
pub(crate) async fn purge_report(
    tx: &mut TenantTx<'_>,
    service: &str,
    rows: i64,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let values = (purges::state.eq(DONE), purges::done_at.eq(now), purges::rows.eq(rows));
    let update = diesel::update(purges::table.find((tx.workspace_id(), service))).set(values);
    update.execute(tx.conn()).await?;
    Ok(())
}
