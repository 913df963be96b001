use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::run_reviews as table;

/// What a reviewer thought of an answer.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ReviewRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) run_id: RunId,
    pub(crate) reviewer_seat: i16,
    pub(crate) answer_seat: i16,
    pub(crate) position: i16,
    pub(crate) label: String,
    pub(crate) is_self: bool,
    pub(crate) scores: Value,
    pub(crate) critique: String,
}

pub(crate) async fn review_insert_all(tx: &mut TenantTx<'_>, rows: &[ReviewRow]) -> Result<(), PgError> {
    if rows.is_empty() {
        return Ok(());
    }
    diesel::insert_into(table::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

/// By reviewer and answer.
pub(crate) async fn review_list(tx: &mut TenantTx<'_>, run: RunId) -> Result<Vec<ReviewRow>, PgError> {
    let of_run = table::workspace_id.eq(tx.workspace_id()).and(table::run_id.eq(run));
    let query = table::table.filter(of_run).select(ReviewRow::as_select());
    Ok(query.order((table::reviewer_seat.asc(), table::answer_seat.asc())).load(tx.conn()).await?)
}
