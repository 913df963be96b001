//! Messages that name a person.

use diesel::QueryableByName;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_ids::{DeliveryId, UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _, sql};

use super::attempts::attempt_forget;

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = SqlUuid)]
    tenant: WorkspaceId,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

const PLACES: &str = "SELECT DISTINCT tenant FROM mentions WHERE user_name = $1 ORDER BY tenant";
const MESSAGES: &str =
    "SELECT message_id AS id FROM mentions WHERE user_name = $1 AND tenant = $2 ORDER BY message_id";
const FORGET_DELIVERIES: &str =
    "DELETE FROM deliveries WHERE workspace_id = $1 AND message_id = ANY($2) RETURNING id";
/// The bounds say which partitions to look into.
const FORGET_MESSAGES: &str = "
DELETE FROM messages WHERE workspace_id = $1 AND id = ANY($2) AND id BETWEEN $3 AND $4";
/// Of whomever else they name, too.
const FORGET_MENTIONS: &str = "
DELETE FROM mentions WHERE tenant = $1 AND message_id = ANY($2) AND message_id BETWEEN $3 AND $4";

/// The workspaces with messages that name a person.
pub(crate) async fn places(tx: &mut SystemTx<'_>, user: UserId) -> Result<Vec<WorkspaceId>, PgError> {
    let rows: Vec<Place> = sql(PLACES).bind::<Text, _>(user.to_string()).load(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| row.tenant).collect())
}

/// Removes every message that names the person, with its deliveries and their attempts; says how many messages there were.
pub(crate) async fn mention_erase(tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, PgError> {
    let mut rows = 0;
    for workspace in places(tx, user).await? {
        rows += erase_here(&mut tx.tenant(workspace), user).await?;
    }
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

async fn erase_here(tx: &mut TenantTx<'_>, user: UserId) -> Result<usize, PgError> {
    let workspace = tx.workspace_id().uuid();
    let query = sql(MESSAGES).bind::<Text, _>(user.to_string()).bind::<SqlUuid, _>(workspace);
    let messages: Vec<Uuid> = ids(query.load(tx.conn()).await?);
    let (Some(first), Some(last)) = (messages.iter().min(), messages.iter().max()) else { return Ok(0) };
    let query = sql(FORGET_DELIVERIES).bind::<SqlUuid, _>(workspace).bind::<Array<SqlUuid>, _>(&messages);
    let deliveries: Vec<DeliveryId> =
        ids(query.load(tx.conn()).await?).into_iter().map(DeliveryId::from_uuid).collect();
    attempt_forget(tx, &deliveries, Uuid::nil()).await?;
    let mut rows = 0;
    for statement in [FORGET_MENTIONS, FORGET_MESSAGES] {
        let query = sql(statement)
            .bind::<SqlUuid, _>(workspace)
            .bind::<Array<SqlUuid>, _>(&messages)
            .bind::<SqlUuid, _>(first)
            .bind::<SqlUuid, _>(last);
        rows = query.execute(tx.conn()).await?;
    }
    Ok(rows)
}

fn ids(rows: Vec<Named>) -> Vec<Uuid> {
    rows.into_iter().map(|row| row.id).collect()
}
