//! What is held of sessions, as a person or a workspace is told it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{AgentSessionId, UserId};
use witan_pg::{PgError, TenantTx, Tx as _};
use witan_web::Lines;

use super::sessions::SessionRow;
use crate::schema::sessions as table;

/// A page of sessions, of everybody or of one person, those after `after`.
pub(crate) async fn held_sessions(
    tx: &mut TenantTx<'_>,
    user: Option<UserId>,
    after: AgentSessionId,
) -> Result<Vec<SessionRow>, PgError> {
    let mut query = table::table
        .filter(table::workspace_id.eq(tx.workspace_id()))
        .filter(table::id.gt(after))
        .order(table::id)
        .limit(Lines::PAGE)
        .select(SessionRow::as_select())
        .into_boxed();
    if let Some(user) = user {
        query = query.filter(table::user_id.eq(user));
    }
    Ok(query.load(tx.conn()).await?)
}
