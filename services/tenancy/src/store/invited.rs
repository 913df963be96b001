//! Invitations as those see them whom they are for.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{InvitationId, UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, Tx as _};

use super::invitations::InvitationRow;
use crate::domain::invitation::InvitationStatus;
use crate::schema::{invitations, people, workspaces};

/// The address that a person proved, folded. Needs `see_as`.
pub(crate) async fn person_address(tx: &mut SystemTx<'_>, user: UserId) -> Result<Option<String>, PgError> {
    Ok(people::table.find(user).select(people::email_key).first(tx.conn()).await.optional()?)
}

/// What the secret of this digest opens. Needs `see_by_secret`.
pub(crate) async fn invited_by_digest(
    tx: &mut SystemTx<'_>,
    digest: &[u8],
) -> Result<Option<InvitationRow>, PgError> {
    let query = invitations::table.filter(invitations::digest.eq(digest)).select(InvitationRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// One for this address. Needs `see_for_address`.
pub(crate) async fn invited_by_id(
    tx: &mut SystemTx<'_>,
    key: &str,
    id: InvitationId,
) -> Result<Option<InvitationRow>, PgError> {
    let query = invitations::table
        .filter(invitations::email_key.eq(key).and(invitations::id.eq(id)))
        .select(InvitationRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Those for this address that can be accepted, with the name of each workspace, newest first. Needs `see_for_address`.
pub(crate) async fn invited_list(
    tx: &mut SystemTx<'_>,
    key: &str,
    now: DateTime<Utc>,
    before: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<(InvitationRow, String)>, PgError> {
    let mut query = invitations::table
        .inner_join(workspaces::table.on(workspaces::workspace_id.eq(invitations::workspace_id)))
        .filter(invitations::email_key.eq(key))
        .filter(invitations::status.eq(InvitationStatus::Pending.as_str()))
        .filter(invitations::expires_at.gt(now))
        .filter(workspaces::deletion_due_at.is_null())
        .select((InvitationRow::as_select(), workspaces::name))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(invitations::id.lt(before));
    }
    Ok(query.order(invitations::id.desc()).limit(limit).load(tx.conn()).await?)
}

/// All for this address, and where. Needs `see_for_address`.
pub(crate) async fn invited_places(
    tx: &mut SystemTx<'_>,
    key: &str,
) -> Result<Vec<(WorkspaceId, InvitationId)>, PgError> {
    let query = invitations::table.filter(invitations::email_key.eq(key));
    Ok(query.select((invitations::workspace_id, invitations::id)).load(tx.conn()).await?)
}
