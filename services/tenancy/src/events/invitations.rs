//! Of invitations: never the address, which belongs to somebody who may know nothing of us.

use witan_clock::Clock;
use witan_events::contracts::tenancy::v1::{
    InvitationAccepted, InvitationCreated, InvitationDeclined, InvitationResent, InvitationRevoked,
};
use witan_events::{Event, publish};
use witan_ids::UserId;
use witan_pg::{PgError, TenantTx};

use crate::store::invitations::InvitationRow;

/// Somebody was asked in.
pub(crate) async fn created(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    row: &InvitationRow,
) -> Result<(), PgError> {
    let (workspace_id, invitation_id) = ids(row);
    let (role, invited_by) = (row.role().to_string(), row.invited_by.to_string());
    tell(tx, clock, &InvitationCreated { workspace_id, invitation_id, role, invited_by }).await
}

/// It was mailed again.
pub(crate) async fn resent(tx: &mut TenantTx<'_>, clock: &Clock, row: &InvitationRow) -> Result<(), PgError> {
    let (workspace_id, invitation_id) = ids(row);
    tell(tx, clock, &InvitationResent { workspace_id, invitation_id }).await
}

/// Somebody became a member by it.
pub(crate) async fn accepted(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    row: &InvitationRow,
    user: UserId,
) -> Result<(), PgError> {
    let (workspace_id, invitation_id) = ids(row);
    tell(tx, clock, &InvitationAccepted { workspace_id, invitation_id, user_id: user.to_string() }).await
}

/// Who was invited does not want to.
pub(crate) async fn declined(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    row: &InvitationRow,
) -> Result<(), PgError> {
    let (workspace_id, invitation_id) = ids(row);
    tell(tx, clock, &InvitationDeclined { workspace_id, invitation_id }).await
}

/// It was taken back.
pub(crate) async fn revoked(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    row: &InvitationRow,
) -> Result<(), PgError> {
    let (workspace_id, invitation_id) = ids(row);
    tell(tx, clock, &InvitationRevoked { workspace_id, invitation_id }).await
}

fn ids(row: &InvitationRow) -> (String, String) {
    (row.workspace_id.to_string(), row.id.to_string())
}

async fn tell(tx: &mut TenantTx<'_>, clock: &Clock, event: &impl Event) -> Result<(), PgError> {
    let subject = tx.workspace_id().to_string();
    publish(tx, clock, &subject, event).await.map(drop)
}
