use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{EndpointId, SecretId, WorkspaceId};
use witan_pg::{PgError, Pipeline, TenantTx, Tx as _};

use crate::schema::endpoint_secrets;

/// A signing secret, sealed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = endpoint_secrets, check_for_backend(diesel::pg::Pg))]
pub(crate) struct SecretRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: SecretId,
    pub(crate) endpoint_id: EndpointId,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created_at: DateTime<Utc>,
    /// Of a secret that was replaced: the end of the overlap.
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

pub(crate) async fn secret_insert(tx: &mut TenantTx<'_>, row: &SecretRow) -> Result<(), PgError> {
    diesel::insert_into(endpoint_secrets::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// The secrets that these endpoints are signed with, the newest first.
pub(crate) async fn secret_live(
    tx: Pipeline<'_>,
    endpoints: &[EndpointId],
    now: DateTime<Utc>,
) -> Result<Vec<SecretRow>, PgError> {
    let query = endpoint_secrets::table
        .filter(endpoint_secrets::endpoint_id.eq_any(endpoints))
        .filter(endpoint_secrets::expires_at.is_null().or(endpoint_secrets::expires_at.gt(now)))
        .order(endpoint_secrets::id.desc())
        .select(SecretRow::as_select());
    Ok(query.load(&mut tx.conn()).await?)
}

/// Ends the current secret at `until`, and drops those that were replaced before: two live ones are enough.
pub(crate) async fn secret_retire(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
    until: DateTime<Utc>,
) -> Result<(), PgError> {
    let of_endpoint = endpoint_secrets::table.filter(endpoint_secrets::endpoint_id.eq(endpoint));
    diesel::delete(of_endpoint.filter(endpoint_secrets::expires_at.is_not_null())).execute(tx.conn()).await?;
    diesel::update(of_endpoint.filter(endpoint_secrets::expires_at.is_null()))
        .set(endpoint_secrets::expires_at.eq(until))
        .execute(tx.conn())
        .await?;
    Ok(())
}
