//! Whose proved domains are, of all workspaces.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{DomainId, WorkspaceId};
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _};

use crate::schema::domain_owners;

/// A domain, and the claim that was proved.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = domain_owners, check_for_backend(diesel::pg::Pg))]
pub(crate) struct DomainOwner {
    pub(crate) domain: String,
    pub(crate) tenant: WorkspaceId,
    pub(crate) claim: DomainId,
}

/// Takes the domain for the workspace, unless another one has it; says whether it is the workspace's now.
pub(crate) async fn domain_take(
    tx: &mut TenantTx<'_>,
    domain: &str,
    claim: DomainId,
    now: DateTime<Utc>,
) -> Result<bool, PgError> {
    let row = (
        domain_owners::domain.eq(domain),
        domain_owners::tenant.eq(tx.workspace_id()),
        domain_owners::claim.eq(claim),
        domain_owners::checked_at.eq(now),
    );
    diesel::insert_into(domain_owners::table).values(row).on_conflict_do_nothing().execute(tx.conn()).await?;
    let owned = domain_owners::table.find(domain).filter(domain_owners::claim.eq(claim));
    Ok(diesel::update(owned).set(domain_owners::checked_at.eq(now)).execute(tx.conn()).await? == 1)
}

/// The domain is nobody's, if it was this claim's.
pub(crate) async fn domain_release(tx: &mut TenantTx<'_>, claim: DomainId) -> Result<(), PgError> {
    let own = domain_owners::table.filter(domain_owners::tenant.eq(tx.workspace_id()));
    diesel::delete(own.filter(domain_owners::claim.eq(claim))).execute(tx.conn()).await?;
    Ok(())
}

/// Whose the domain is. Held until the transaction ends, so that it stays theirs.
pub(crate) async fn domain_owner(
    tx: &mut SystemTx<'_>,
    domain: &str,
) -> Result<Option<DomainOwner>, PgError> {
    let query = domain_owners::table.find(domain).select(DomainOwner::as_select()).for_share();
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Those that were last looked at before `before`, by name, after `after`.
pub(crate) async fn domain_due(
    tx: &mut SystemTx<'_>,
    before: DateTime<Utc>,
    after: &str,
    most: i64,
) -> Result<Vec<DomainOwner>, PgError> {
    let query = domain_owners::table
        .filter(domain_owners::checked_at.le(before))
        .filter(domain_owners::domain.gt(after))
        .order(domain_owners::domain)
        .limit(most)
        .select(DomainOwner::as_select());
    Ok(query.load(tx.conn()).await?)
}
