//! Of domains that workspaces say are theirs.

use witan_clock::Clock;
use witan_events::contracts::tenancy::v1::{
    DomainClaimed, DomainJoiningChanged, DomainLost, DomainRemoved, DomainVerified,
};
use witan_events::{Event, publish};
use witan_pg::{PgError, TenantTx};

use crate::store::domains::DomainRow;

/// The workspace says that it is its own.
pub(crate) async fn claimed(tx: &mut TenantTx<'_>, clock: &Clock, row: &DomainRow) -> Result<(), PgError> {
    let (workspace_id, domain_id, domain) = names(row);
    tell(tx, clock, &DomainClaimed { workspace_id, domain_id, domain }).await
}

/// The DNS proved it.
pub(crate) async fn verified(tx: &mut TenantTx<'_>, clock: &Clock, row: &DomainRow) -> Result<(), PgError> {
    let (workspace_id, domain_id, domain) = names(row);
    tell(tx, clock, &DomainVerified { workspace_id, domain_id, domain }).await
}

/// Whether people may join by it was decided.
pub(crate) async fn joining(tx: &mut TenantTx<'_>, clock: &Clock, row: &DomainRow) -> Result<(), PgError> {
    let (workspace_id, domain_id, domain) = names(row);
    let joining = row.joining;
    tell(tx, clock, &DomainJoiningChanged { workspace_id, domain_id, domain, joining }).await
}

/// The record was gone for days.
pub(crate) async fn lost(tx: &mut TenantTx<'_>, clock: &Clock, row: &DomainRow) -> Result<(), PgError> {
    let (workspace_id, domain_id, domain) = names(row);
    tell(tx, clock, &DomainLost { workspace_id, domain_id, domain }).await
}

/// The workspace says so no longer.
pub(crate) async fn removed(tx: &mut TenantTx<'_>, clock: &Clock, row: &DomainRow) -> Result<(), PgError> {
    let (workspace_id, domain_id, domain) = names(row);
    tell(tx, clock, &DomainRemoved { workspace_id, domain_id, domain }).await
}

fn names(row: &DomainRow) -> (String, String, String) {
    (row.workspace_id.to_string(), row.id.to_string(), row.domain.clone())
}

async fn tell(tx: &mut TenantTx<'_>, clock: &Clock, event: &impl Event) -> Result<(), PgError> {
    let subject = tx.workspace_id().to_string();
    publish(tx, clock, &subject, event).await.map(drop)
}
