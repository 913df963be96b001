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

/// Of the person's own conversations nothing stays. What they said in those of others was said by nobody, and nothing.
const DELETE_CONVERSATIONS: &str = "DELETE FROM conversations WHERE workspace_id = $1 AND owner_id = $2";
const BLANK_MESSAGES: &str =
    "UPDATE messages SET author_id = $3, content = '' WHERE workspace_id = $1 AND author_id = $2";
/// Personas are the workspace's.
const FORGET_CREATOR: &str =
    "UPDATE personas SET created_by = $3 WHERE workspace_id = $1 AND created_by = $2";
const FORGET_PLACES: &str = "DELETE FROM places WHERE user_id = $1";

/// Removes all of it; says how many rows that were.
pub(crate) async fn erase(tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, PgError> {
    let mut rows = 0;
    for workspace in places(tx, user).await? {
        let mut tenant = tx.tenant(workspace);
        let own = sql(DELETE_CONVERSATIONS).bind::<SqlUuid, _>(workspace.uuid());
        rows += own.bind::<SqlUuid, _>(user.uuid()).execute(tenant.conn()).await?;
        for statement in [BLANK_MESSAGES, FORGET_CREATOR] {
            let query = sql(statement).bind::<SqlUuid, _>(workspace.uuid()).bind::<SqlUuid, _>(user.uuid());
            rows += query.bind::<SqlUuid, _>(NOBODY).execute(tenant.conn()).await?;
        }
    }
    sql(FORGET_PLACES).bind::<SqlUuid, _>(user.uuid()).execute(tx.conn()).await?;
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}
