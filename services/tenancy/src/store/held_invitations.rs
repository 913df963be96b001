//! What is held of a person in invitations, as they are told it. No digest and no secret is read at all.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use witan_ids::{InvitationId, RoleId, UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _};
use witan_web::Lines;

use crate::schema::invitations;

/// An invitation for them, or one that they wrote.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = invitations)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldInvitation {
    #[serde(skip)]
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: InvitationId,
    email: String,
    role: String,
    role_id: Option<RoleId>,
    status: String,
    mailed_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

/// Those for this address that the person has not accepted. There are few: one waits for each workspace at most. Needs
/// `see_for_address`.
pub(crate) async fn held_invited(
    tx: &mut SystemTx<'_>,
    user: UserId,
    key: &str,
) -> Result<Vec<HeldInvitation>, PgError> {
    let query = HeldInvitation::query()
        .filter(invitations::email_key.eq(key))
        .filter(invitations::accepted_by.is_distinct_from(user));
    Ok(query.order(invitations::id).load(tx.conn()).await?)
}

/// A page of those that the person wrote, or accepted; those after `after`.
pub(crate) async fn held_invitations(
    tx: &mut TenantTx<'_>,
    user: UserId,
    after: InvitationId,
) -> Result<Vec<HeldInvitation>, PgError> {
    let query = HeldInvitation::query()
        .filter(invitations::workspace_id.eq(tx.workspace_id()))
        .filter(invitations::invited_by.eq(user).nullable().or(invitations::accepted_by.eq(user)))
        .filter(invitations::id.gt(after))
        .order(invitations::id)
        .limit(Lines::PAGE);
    Ok(query.load(tx.conn()).await?)
}

/// A page of a workspace's, those after `after`; for the workspace itself.
pub(crate) async fn kept_invitations(
    tx: &mut TenantTx<'_>,
    after: InvitationId,
) -> Result<Vec<HeldInvitation>, PgError> {
    let query = HeldInvitation::query()
        .filter(invitations::workspace_id.eq(tx.workspace_id()))
        .filter(invitations::id.gt(after))
        .order(invitations::id)
        .limit(Lines::PAGE);
    Ok(query.load(tx.conn()).await?)
}
