//! Messages that name a person.

use diesel::QueryableByName;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, Tx as _, sql};

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = SqlUuid)]
    tenant: WorkspaceId,
}

const PLACES: &str = "SELECT DISTINCT tenant FROM mentions WHERE user_name = $1 ORDER BY tenant";
/// With their deliveries, and the mentions themselves.
const DELETE: &str = "
DELETE FROM messages WHERE workspace_id = $1
    AND id IN (SELECT message_id FROM mentions WHERE user_name = $2 AND tenant = $1)";

/// The workspaces with messages that name a person.
pub(crate) async fn places(tx: &mut SystemTx<'_>, user: UserId) -> Result<Vec<WorkspaceId>, PgError> {
    let rows: Vec<Place> = sql(PLACES).bind::<Text, _>(user.to_string()).load(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| row.tenant).collect())
}

/// Removes every message that names the person; says how many there were.
pub(crate) async fn mention_erase(tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, PgError> {
    let name = user.to_string();
    let mut rows = 0;
    for workspace in places(tx, user).await? {
        let mut tenant = tx.tenant(workspace).await?;
        let query = sql(DELETE).bind::<SqlUuid, _>(workspace.uuid()).bind::<Text, _>(name.as_str());
        rows += query.execute(tenant.conn()).await?;
    }
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}
