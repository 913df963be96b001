use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::UserId;
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::domain::role::Role;
use crate::domain::status::MemberStatus;
use crate::schema::{members, people};
use crate::store::contains;
use crate::store::members::{MemberRow, MemberView};
use crate::store::plan::read_in_order;

/// Which members to list.
#[derive(Debug, Default)]
pub(crate) struct MemberFilter {
    /// A part of the name or of the address.
    pub(crate) search: Option<String>,
    pub(crate) role: Option<Role>,
    pub(crate) status: Option<MemberStatus>,
}

/// Newest accounts first; a person's id grows with the time they signed up.
///
/// Without a search a page is read from an index that begins where the page does. A search looks at every member.
pub(crate) async fn member_list(
    tx: &mut TenantTx<'_>,
    filter: &MemberFilter,
    before: Option<UserId>,
    limit: i64,
) -> Result<Vec<MemberView>, PgError> {
    read_in_order(tx).await?;
    let mut query = members::table
        .left_join(people::table.on(people::user_id.eq(members::user_id)))
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .select((MemberRow::as_select(), people::email.nullable(), people::name.nullable()))
        .into_boxed();
    query = match filter.role {
        Some(Role::Custom(id)) => query.filter(members::role_id.eq(id)),
        Some(role) => query.filter(members::role.eq(role.as_str())),
        None => query,
    };
    if let Some(status) = filter.status {
        query = query.filter(members::acts.eq(status == MemberStatus::Active));
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
