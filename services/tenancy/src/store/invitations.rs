use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, exists, select};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_email::EmailAddress;
use witan_ids::{InvitationId, RoleId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _, expect_one};

use crate::domain::invitation::InvitationStatus;
use crate::domain::role::Role;
use crate::schema::{invitations, members, people};

const PENDING: &str = InvitationStatus::Pending.as_str();

/// Somebody who is asked into a workspace.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations, check_for_backend(diesel::pg::Pg))]
pub(crate) struct InvitationRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: InvitationId,
    pub(crate) email: String,
    pub(crate) email_key: String,
    role: String,
    role_id: Option<RoleId>,
    pub(crate) status: String,
    pub(crate) invited_by: UserId,
    pub(crate) digest: Vec<u8>,
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) mails: i32,
    pub(crate) mailed_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) accepted_by: Option<UserId>,
    pub(crate) settled_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What an invitation begins with.
pub(crate) struct NewInvitation<'a> {
    pub(crate) id: InvitationId,
    pub(crate) email: &'a EmailAddress,
    pub(crate) role: Role,
    pub(crate) invited_by: UserId,
    pub(crate) digest: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
    pub(crate) expires_at: DateTime<Utc>,
}

impl InvitationRow {
    /// One that waits from now on.
    pub(crate) fn new(workspace: WorkspaceId, new: NewInvitation<'_>, now: DateTime<Utc>) -> Self {
        Self {
            workspace_id: workspace,
            id: new.id,
            email: new.email.as_str().to_owned(),
            email_key: new.email.key().to_owned(),
            role: new.role.as_str().to_owned(),
            role_id: new.role.id(),
            status: PENDING.to_owned(),
            invited_by: new.invited_by,
            digest: new.digest,
            sealed: Some(new.sealed),
            mails: 1,
            mailed_at: now,
            expires_at: new.expires_at,
            accepted_by: None,
            settled_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    pub(crate) fn role(&self) -> Role {
        Role::of_columns(&self.role, self.role_id)
    }

    pub(crate) fn status(&self, now: DateTime<Utc>) -> InvitationStatus {
        InvitationStatus::of_row(&self.status, self.expires_at, now)
    }
}

pub(crate) async fn invitation_insert(tx: &mut TenantTx<'_>, row: &InvitationRow) -> Result<(), PgError> {
    diesel::insert_into(invitations::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn invitation_find(
    tx: &mut TenantTx<'_>,
    id: InvitationId,
) -> Result<Option<InvitationRow>, PgError> {
    let query = invitations::table.find((tx.workspace_id(), id)).select(InvitationRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// The same, held until the transaction ends.
pub(crate) async fn invitation_lock(
    tx: &mut TenantTx<'_>,
    id: InvitationId,
) -> Result<Option<InvitationRow>, PgError> {
    let query = invitations::table.find((tx.workspace_id(), id)).select(InvitationRow::as_select());
    Ok(query.for_update().first(tx.conn()).await.optional()?)
}

/// Writes what may change of an invitation.
pub(crate) async fn invitation_save(tx: &mut TenantTx<'_>, row: &InvitationRow) -> Result<(), PgError> {
    let values = (
        invitations::status.eq(&row.status),
        invitations::digest.eq(&row.digest),
        invitations::sealed.eq(&row.sealed),
        invitations::mails.eq(row.mails),
        invitations::mailed_at.eq(row.mailed_at),
        invitations::expires_at.eq(row.expires_at),
        invitations::accepted_by.eq(row.accepted_by),
        invitations::settled_at.eq(row.settled_at),
        invitations::updated_at.eq(row.updated_at),
    );
    let saved = diesel::update(invitations::table.find((tx.workspace_id(), row.id))).set(values);
    expect_one(saved.execute(tx.conn()).await?)
}

/// Forgets the secret of a mail that is on its way, unless there is a newer one.
pub(crate) async fn invitation_unseal(
    tx: &mut TenantTx<'_>,
    id: InvitationId,
    mail: i32,
) -> Result<(), PgError> {
    let row = invitations::table.find((tx.workspace_id(), id)).filter(invitations::mails.eq(mail));
    diesel::update(row).set(invitations::sealed.eq(None::<Vec<u8>>)).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn invitation_delete(tx: &mut TenantTx<'_>, id: InvitationId) -> Result<usize, PgError> {
    Ok(diesel::delete(invitations::table.find((tx.workspace_id(), id))).execute(tx.conn()).await?)
}

/// The one that waits for this address, its time over or not.
pub(crate) async fn invitation_waiting(
    tx: &mut TenantTx<'_>,
    key: &str,
) -> Result<Option<InvitationRow>, PgError> {
    let query = invitations::table
        .filter(invitations::workspace_id.eq(tx.workspace_id()))
        .filter(invitations::email_key.eq(key).and(invitations::status.eq(PENDING)))
        .select(InvitationRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// How many wait, and how many were made since `since`.
pub(crate) async fn invitation_counts(
    tx: &mut TenantTx<'_>,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<(i64, i64), PgError> {
    let own = invitations::table.filter(invitations::workspace_id.eq(tx.workspace_id()));
    let waiting = own.filter(invitations::status.eq(PENDING).and(invitations::expires_at.gt(now)));
    let made = own.filter(invitations::created_at.gt(since));
    let waiting = waiting.select(count_star()).first(tx.conn()).await?;
    Ok((waiting, made.select(count_star()).first(tx.conn()).await?))
}

/// Newest first; `status` as it is at `now`.
pub(crate) async fn invitation_list(
    tx: &mut TenantTx<'_>,
    status: Option<InvitationStatus>,
    now: DateTime<Utc>,
    before: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<InvitationRow>, PgError> {
    let mut query = invitations::table
        .filter(invitations::workspace_id.eq(tx.workspace_id()))
        .select(InvitationRow::as_select())
        .into_boxed();
    let waits = invitations::status.eq(PENDING);
    query = match status {
        None => query,
        Some(InvitationStatus::Pending) => query.filter(waits.and(invitations::expires_at.gt(now))),
        Some(InvitationStatus::Expired) => {
            let over = waits.and(invitations::expires_at.le(now));
            query.filter(over.or(invitations::status.eq(InvitationStatus::Expired.as_str())))
        }
        Some(status) => query.filter(invitations::status.eq(status.as_str())),
    };
    if let Some(before) = before {
        query = query.filter(invitations::id.lt(before));
    }
    Ok(query.order(invitations::id.desc()).limit(limit).load(tx.conn()).await?)
}

/// Whether somebody with this address belongs to the workspace, active or not.
pub(crate) async fn member_has_address(tx: &mut TenantTx<'_>, key: &str) -> Result<bool, PgError> {
    let there = people::table
        .inner_join(members::table.on(members::user_id.eq(people::user_id)))
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .filter(people::email_key.eq(key));
    Ok(select(exists(there)).get_result(tx.conn()).await?)
}

/// The address of a member.
pub(crate) async fn member_address(tx: &mut TenantTx<'_>, user: UserId) -> Result<Option<String>, PgError> {
    Ok(people::table.find(user).select(people::email).first(tx.conn()).await.optional()?)
}

/// What the person accepted goes; what they wrote was written by `nobody`.
pub(crate) async fn invitation_forget(
    tx: &mut TenantTx<'_>,
    user: UserId,
    nobody: UserId,
) -> Result<usize, PgError> {
    let own = invitations::table.filter(invitations::workspace_id.eq(tx.workspace_id()));
    let accepted = diesel::delete(own.filter(invitations::accepted_by.eq(user))).execute(tx.conn()).await?;
    let written = own.filter(invitations::invited_by.eq(user));
    let written = diesel::update(written).set(invitations::invited_by.eq(nobody)).execute(tx.conn()).await?;
    Ok(accepted + written)
}
