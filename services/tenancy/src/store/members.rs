use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _, expect_one};

use crate::domain::role::Role;
use crate::domain::status::MemberStatus;
use crate::schema::{members, people};
use crate::store::plan::read_in_order;

/// A person's place in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = members, check_for_backend(diesel::pg::Pg))]
pub(crate) struct MemberRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    role: String,
    role_id: Option<witan_ids::RoleId>,
    status: String,
    /// Whether the person's account is closed.
    pub(crate) closed: bool,
    pub(crate) joined_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// A member with what is known of the person.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct MemberView {
    pub(crate) member: MemberRow,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
}

impl MemberRow {
    /// Somebody who belongs to a workspace from now on.
    pub(crate) fn new(workspace: WorkspaceId, user: UserId, role: Role, now: DateTime<Utc>) -> Self {
        Self {
            workspace_id: workspace,
            user_id: user,
            role: role.as_str().to_owned(),
            role_id: role.id(),
            status: MemberStatus::Active.as_str().to_owned(),
            closed: false,
            joined_at: now,
            updated_at: now,
        }
    }

    pub(crate) fn role(&self) -> Role {
        Role::of_columns(&self.role, self.role_id)
    }

    pub(crate) fn set_role(&mut self, role: Role) {
        (self.role, self.role_id) = (role.as_str().to_owned(), role.id());
    }

    /// Whether the member may act: not while their account is closed, either.
    pub(crate) fn status(&self) -> MemberStatus {
        if self.closed { MemberStatus::Inactive } else { MemberStatus::from_column(&self.status) }
    }

    /// Whether the workspace lets the member act, whatever has become of the account.
    pub(crate) fn is_admitted(&self) -> bool {
        MemberStatus::from_column(&self.status) == MemberStatus::Active
    }

    /// What the workspace decided, whatever has become of the account.
    pub(crate) fn set_status(&mut self, status: MemberStatus) {
        self.status = status.as_str().to_owned();
    }

    /// Whether the member runs the workspace.
    pub(crate) fn runs_it(&self) -> bool {
        self.role() == Role::Admin && self.status() == MemberStatus::Active
    }
}

/// Writes down that somebody belongs to the workspace; the database sees whether their account is open.
pub(crate) async fn member_insert(tx: &mut TenantTx<'_>, row: &MemberRow) -> Result<(), PgError> {
    diesel::insert_into(members::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Says whether the person was no member before.
pub(crate) async fn member_join(tx: &mut TenantTx<'_>, row: &MemberRow) -> Result<bool, PgError> {
    let insert = diesel::insert_into(members::table).values(row).on_conflict_do_nothing();
    Ok(insert.execute(tx.conn()).await? == 1)
}

pub(crate) async fn member_find(tx: &mut TenantTx<'_>, user: UserId) -> Result<Option<MemberRow>, PgError> {
    let query = members::table.find((tx.workspace_id(), user)).select(MemberRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

pub(crate) async fn member_view(tx: &mut TenantTx<'_>, user: UserId) -> Result<Option<MemberView>, PgError> {
    let query = members::table
        .left_join(people::table.on(people::user_id.eq(members::user_id)))
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .filter(members::user_id.eq(user))
        .select((MemberRow::as_select(), people::email.nullable(), people::name.nullable()));
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Writes the role and the status.
pub(crate) async fn member_save(tx: &mut TenantTx<'_>, row: &MemberRow) -> Result<(), PgError> {
    let values = (
        members::role.eq(&row.role),
        members::role_id.eq(row.role_id),
        members::status.eq(&row.status),
        members::updated_at.eq(row.updated_at),
    );
    let saved = diesel::update(members::table.find((tx.workspace_id(), row.user_id))).set(values);
    expect_one(saved.execute(tx.conn()).await?)
}

/// Takes a person out of the workspace.
pub(crate) async fn member_remove(tx: &mut TenantTx<'_>, user: UserId) -> Result<usize, PgError> {
    let row = diesel::delete(members::table.find((tx.workspace_id(), user)));
    Ok(row.execute(tx.conn()).await?)
}

/// Who else runs the workspace, apart from those whose accounts are being closed at this moment.
pub(crate) async fn member_other_admins(
    tx: &mut TenantTx<'_>,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>, PgError> {
    read_in_order(tx).await?;
    let stays = members::leaving_until.is_null().or(members::leaving_until.le(now));
    let query = members::table
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .filter(members::role.eq(Role::Admin.as_str()))
        .filter(members::user_id.ne(user))
        .filter(members::acts.eq(true))
        .filter(stays)
        .order(members::user_id)
        .select(members::user_id);
    Ok(query.load(tx.conn()).await?)
}

/// Who runs the workspace.
pub(crate) async fn member_admins(tx: &mut TenantTx<'_>) -> Result<Vec<UserId>, PgError> {
    let query = members::table
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .filter(members::role.eq(Role::Admin.as_str()))
        .filter(members::acts.eq(true))
        .order(members::user_id)
        .select(members::user_id);
    Ok(query.load(tx.conn()).await?)
}

/// Who of those who may act has been there longest.
pub(crate) async fn member_first_to_act(tx: &mut TenantTx<'_>) -> Result<Option<MemberRow>, PgError> {
    let query = members::table
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .filter(members::acts.eq(true))
        .order((members::joined_at, members::user_id))
        .select(MemberRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Whether anybody else in the workspace may act.
pub(crate) async fn member_has_others(tx: &mut TenantTx<'_>, user: UserId) -> Result<bool, PgError> {
    let others = members::table
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .filter(members::user_id.ne(user))
        .filter(members::acts.eq(true));
    Ok(diesel::select(exists(others)).get_result(tx.conn()).await?)
}

/// Nobody relies on this member until then.
pub(crate) async fn member_set_leaving(
    tx: &mut TenantTx<'_>,
    user: UserId,
    until: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = diesel::update(members::table.find((tx.workspace_id(), user)));
    row.set(members::leaving_until.eq(until)).execute(tx.conn()).await?;
    Ok(())
}

/// Notes whether the person's account is closed. `None` where the member had none left to close or to open.
pub(crate) async fn member_set_closed(
    tx: &mut TenantTx<'_>,
    user: UserId,
    closed: bool,
) -> Result<Option<MemberRow>, PgError> {
    let changed = members::closed.ne(closed).or(not(members::leaving_until.is_null()));
    let row = members::table.find((tx.workspace_id(), user)).filter(changed);
    let values = (members::closed.eq(closed), members::leaving_until.eq(None::<DateTime<Utc>>));
    let updated = diesel::update(row).set(values).returning(MemberRow::as_returning());
    Ok(updated.get_result(tx.conn()).await.optional()?)
}
