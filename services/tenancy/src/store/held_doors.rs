//! What is held of a person in the ways into a workspace that they made, as they are told it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use witan_ids::{DomainId, UserId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::{domains, join_links};

/// The link that they made.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = join_links)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldJoinLink {
    max_uses: i32,
    uses: i32,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A domain that they claimed.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = domains)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldDomain {
    id: DomainId,
    domain: String,
    status: String,
    joining: bool,
    verified_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

/// For the workspace itself.
pub(crate) async fn kept_join_link(tx: &mut TenantTx<'_>) -> Result<Option<HeldJoinLink>, PgError> {
    let query = HeldJoinLink::query().filter(join_links::workspace_id.eq(tx.workspace_id()));
    Ok(query.first(tx.conn()).await.optional()?)
}

/// For the workspace itself.
pub(crate) async fn kept_domains(tx: &mut TenantTx<'_>) -> Result<Vec<HeldDomain>, PgError> {
    let query = HeldDomain::query().filter(domains::workspace_id.eq(tx.workspace_id()));
    Ok(query.order(domains::id).load(tx.conn()).await?)
}

pub(crate) async fn held_join_link(
    tx: &mut TenantTx<'_>,
    user: UserId,
) -> Result<Option<HeldJoinLink>, PgError> {
    let query = HeldJoinLink::query()
        .filter(join_links::workspace_id.eq(tx.workspace_id()))
        .filter(join_links::created_by.eq(user));
    Ok(query.first(tx.conn()).await.optional()?)
}

/// There are few: a workspace claims fifty at most.
pub(crate) async fn held_domains(tx: &mut TenantTx<'_>, user: UserId) -> Result<Vec<HeldDomain>, PgError> {
    let query = HeldDomain::query()
        .filter(domains::workspace_id.eq(tx.workspace_id()))
        .filter(domains::created_by.eq(user));
    Ok(query.order(domains::id).load(tx.conn()).await?)
}
