use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use diesel_async::RunQueryDsl;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _};

use crate::domain::role::{MemberStatus, Role};
use crate::schema::{members, people, workspaces};

diesel::define_sql_function! {
    /// The first that is not null.
    fn coalesce(known: Nullable<Bool>, otherwise: Bool) -> Bool;
}

/// A person's place in a workspace.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = members, check_for_backend(diesel::pg::Pg))]
pub(crate) struct MemberRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    pub(crate) role: String,
    pub(crate) status: String,
    pub(crate) joined_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// A person's place, with what decides whether they may use it.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct OwnPlace {
    pub(crate) member: MemberRow,
    /// Whether their account is open.
    pub(crate) is_open: bool,
    /// Whether the workspace asks its members for a second factor.
    pub(crate) second_factor_required: bool,
}

/// A member with what is known of the person.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct MemberView {
    pub(crate) member: MemberRow,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    /// Whether the person's account is closed, if anything is known of the person.
    pub(crate) closed: Option<bool>,
}

impl MemberView {
    /// Whether the member may act: not while their account is closed, either.
    pub(crate) fn status(&self) -> MemberStatus {
        if self.closed == Some(true) {
            MemberStatus::Inactive
        } else {
            MemberStatus::from_column(&self.member.status)
        }
    }
}

/// Which members to list.
#[derive(Debug, Default)]
pub(crate) struct MemberFilter {
    /// A part of the name or of the address.
    pub(crate) search: Option<String>,
    pub(crate) role: Option<Role>,
    pub(crate) status: Option<MemberStatus>,
}

pub(crate) async fn member_insert(tx: &mut TenantTx<'_>, row: &MemberRow) -> Result<(), PgError> {
    diesel::insert_into(members::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Newest accounts first; a person's id grows with the time they signed up.
pub(crate) async fn member_list(
    tx: &mut TenantTx<'_>,
    filter: &MemberFilter,
    before: Option<UserId>,
    limit: i64,
) -> Result<Vec<MemberView>, PgError> {
    let mut query = members::table
        .left_join(people::table.on(people::user_id.eq(members::user_id)))
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .select((
            MemberRow::as_select(),
            people::email.nullable(),
            people::name.nullable(),
            people::closed.nullable(),
        ))
        .into_boxed();
    if let Some(role) = filter.role {
        query = query.filter(members::role.eq(role.as_str()));
    }
    if let Some(status) = filter.status {
        let acts = members::status.eq(MemberStatus::Active.as_str()).and(is_open());
        query = match status {
            MemberStatus::Active => query.filter(acts),
            MemberStatus::Inactive => query.filter(diesel::dsl::not(acts)),
        };
    }
    if let Some(search) = &filter.search {
        let pattern = contains(search);
        query = query.filter(
            people::email.nullable().ilike(pattern.clone()).or(people::name.nullable().ilike(pattern)),
        );
    }
    if let Some(before) = before {
        query = query.filter(members::user_id.lt(before));
    }
    Ok(query.order(members::user_id.desc()).limit(limit).load(tx.conn()).await?)
}

/// The account of the joined person is open, or nothing is known of them.
fn is_open() -> diesel::dsl::Eq<coalesce<diesel::dsl::Nullable<people::closed>, bool>, bool> {
    coalesce(people::closed.nullable(), false).eq(false)
}

/// The person's place in one workspace, or in the one they joined first. Needs
/// `see_as`.
pub(crate) async fn member_find_own(
    tx: &mut SystemTx<'_>,
    user: UserId,
    workspace: Option<WorkspaceId>,
) -> Result<Option<OwnPlace>, PgError> {
    let mut query = members::table
        .inner_join(workspaces::table.on(workspaces::workspace_id.eq(members::workspace_id)))
        .left_join(people::table.on(people::user_id.eq(members::user_id)))
        .filter(members::user_id.eq(user))
        .select((MemberRow::as_select(), is_open(), workspaces::require_second_factor))
        .into_boxed();
    query = match workspace {
        Some(workspace) => query.filter(members::workspace_id.eq(workspace)),
        None => query.filter(members::status.eq("ACTIVE")),
    };
    let first = query.order((members::joined_at.asc(), members::workspace_id.asc())).first(tx.conn()).await;
    Ok(first.optional()?)
}

/// The places that a person has and may act in, account open or not. Needs `see_as`.
pub(crate) async fn member_places(tx: &mut SystemTx<'_>, user: UserId) -> Result<Vec<MemberRow>, PgError> {
    let query = members::table
        .filter(members::user_id.eq(user))
        .filter(members::status.eq(MemberStatus::Active.as_str()))
        .order(members::workspace_id)
        .select(MemberRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// The other members of the workspace who may act.
pub(crate) async fn member_others(tx: &mut TenantTx<'_>, user: UserId) -> Result<Vec<MemberRow>, PgError> {
    let query = members::table
        .left_join(people::table.on(people::user_id.eq(members::user_id)))
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .filter(members::user_id.ne(user))
        .filter(members::status.eq(MemberStatus::Active.as_str()))
        .filter(is_open())
        .select(MemberRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// Takes a person out of the workspace.
pub(crate) async fn member_remove(tx: &mut TenantTx<'_>, user: UserId) -> Result<usize, PgError> {
    let row = diesel::delete(members::table.find((tx.workspace_id(), user)));
    Ok(row.execute(tx.conn()).await?)
}

/// A pattern that finds `text` anywhere, with nothing in it that LIKE would read as a wild card.
fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn wild_cards_are_taken_literally() {
        assert_eq!(contains("a_b%c\\"), "%a\\_b\\%c\\\\%");
    }
}
