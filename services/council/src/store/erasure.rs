//! What is left of a person who left.

use diesel::QueryableByName;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, Tx as _, sql};

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = SqlUuid)]
    tenant: WorkspaceId,
}

/// The workspaces in which a person left something.
pub(crate) async fn places(tx: &mut SystemTx<'_>, user: UserId) -> Result<Vec<WorkspaceId>, PgError> {
    let query = sql("SELECT tenant FROM places WHERE user_id = $1 ORDER BY tenant");
    let rows: Vec<Place> = query.bind::<SqlUuid, _>(user.uuid()).load(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| row.tenant).collect())
}

/// Their questions, with all that the council said to them.
const DELETE_RUNS: &str = "DELETE FROM runs WHERE workspace_id = $1 AND user_id = $2";
const FORGET_PLACES: &str = "DELETE FROM places WHERE user_id = $1";

/// Removes all of it; says how many runs that were.
pub(crate) async fn erase(tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, PgError> {
    let mut rows = 0;
    for workspace in places(tx, user).await? {
        let mut tenant = tx.tenant(workspace).await?;
        let query = sql(DELETE_RUNS).bind::<SqlUuid, _>(workspace.uuid()).bind::<SqlUuid, _>(user.uuid());
        rows += query.execute(tenant.conn()).await?;
    }
    sql(FORGET_PLACES).bind::<SqlUuid, _>(user.uuid()).execute(tx.conn()).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}
