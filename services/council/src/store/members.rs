use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::run_members as table;

/// What a member did in a run.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct MemberRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) run_id: RunId,
    pub(crate) seat: i16,
    pub(crate) model: String,
    pub(crate) answered_by: Option<String>,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) answer: String,
    pub(crate) choice: Option<String>,
    pub(crate) input_tokens: i64,
    pub(crate) output_tokens: i64,
    pub(crate) cost_micros: i64,
    pub(crate) answer_ms: i32,
    pub(crate) review_state: String,
    pub(crate) review_reason: Option<String>,
    pub(crate) review_input_tokens: i64,
    pub(crate) review_output_tokens: i64,
    pub(crate) review_cost_micros: i64,
    pub(crate) review_ms: i32,
    pub(crate) rank: Option<i16>,
    pub(crate) tied: bool,
    pub(crate) score: Option<f64>,
    pub(crate) score_low: Option<f64>,
    pub(crate) score_high: Option<f64>,
}

pub(crate) async fn member_insert_all(tx: &mut TenantTx<'_>, rows: &[MemberRow]) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

/// By seat.
pub(crate) async fn member_list(tx: &mut TenantTx<'_>, run: RunId) -> Result<Vec<MemberRow>, PgError> {
    let of_run = table::workspace_id.eq(tx.workspace_id()).and(table::run_id.eq(run));
    let query = table::table.filter(of_run).order(table::seat.asc()).select(MemberRow::as_select());
    Ok(query.load(tx.conn()).await?)
}
