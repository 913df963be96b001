//! What is left of a person who left.

use diesel::QueryableByName;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, Tx as _, sql};

/// Who did something, once nobody may know any longer.
const NOBODY: Uuid = Uuid::nil();

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
/// Agents and keys are the workspace's.
const FORGET_CREATOR: &str = "UPDATE agents SET created_by = $3 WHERE workspace_id = $1 AND created_by = $2";
const FORGET_AUTHOR: &str =
    "UPDATE agent_versions SET changed_by = $3 WHERE workspace_id = $1 AND changed_by = $2";
const FORGET_KEY_GIVER: &str =
    "UPDATE provider_keys SET changed_by = $3 WHERE workspace_id = $1 AND changed_by = $2";
/// Their sessions with agents are nobody else's. Sessions go first: whoever uses one locks it before its mark.
const DELETE_SESSIONS: &str = "
    WITH gone AS (DELETE FROM sessions WHERE workspace_id = $1 AND user_id = $2 RETURNING id),
         marks AS (DELETE FROM live_sessions USING gone WHERE session_id = gone.id)
    SELECT id FROM gone";
const FORGET_PLACES: &str = "DELETE FROM places WHERE user_id = $1";

/// Removes all of it; says how many runs that were.
pub(crate) async fn erase(tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, PgError> {
    let mut rows = 0;
    for workspace in places(tx, user).await? {
        let mut tenant = tx.tenant(workspace);
        let query = sql(DELETE_RUNS).bind::<SqlUuid, _>(workspace.uuid()).bind::<SqlUuid, _>(user.uuid());
        rows += query.execute(tenant.conn()).await?;
        let query = sql(DELETE_SESSIONS).bind::<SqlUuid, _>(workspace.uuid()).bind::<SqlUuid, _>(user.uuid());
        rows += query.execute(tenant.conn()).await?;
        for statement in [FORGET_CREATOR, FORGET_AUTHOR, FORGET_KEY_GIVER] {
            let query = sql(statement).bind::<SqlUuid, _>(workspace.uuid()).bind::<SqlUuid, _>(user.uuid());
            rows += query.bind::<SqlUuid, _>(NOBODY).execute(tenant.conn()).await?;
        }
    }
    sql(FORGET_PLACES).bind::<SqlUuid, _>(user.uuid()).execute(tx.conn()).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}
