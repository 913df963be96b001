//! Numbers about a workspace.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Timestamptz, Uuid};
use diesel_async::RunQueryDsl;
use witan_ids::RoleId;
use witan_pg::{PgError, TenantTx, Tx as _, sql};

use crate::domain::role::Role;
use crate::schema::{members, startups};

/// How many members have a role, of those who may act or of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleCount {
    pub(crate) role: Role,
    pub(crate) acts: bool,
    pub(crate) members: i64,
}

/// How many came on a day.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(crate) struct DayCount {
    #[diesel(sql_type = Date)]
    pub(crate) day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub(crate) members: i64,
}

pub(crate) async fn member_count_by_role(tx: &mut TenantTx<'_>) -> Result<Vec<RoleCount>, PgError> {
    let kinds = (members::role, members::role_id, members::acts);
    let query = members::table
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .group_by(kinds)
        .order(kinds)
        .select((members::role, members::role_id, members::acts, count_star()));
    let rows: Vec<(String, Option<RoleId>, bool, i64)> = query.load(tx.conn()).await?;
    let count = |(role, id, acts, members): (String, _, _, _)| RoleCount {
        role: Role::of_columns(&role, id),
        acts,
        members,
    };
    Ok(rows.into_iter().map(count).collect())
}

/// The days since then on which somebody came, in UTC.
pub(crate) async fn member_count_by_day(
    tx: &mut TenantTx<'_>,
    since: DateTime<Utc>,
) -> Result<Vec<DayCount>, PgError> {
    let query = sql("SELECT (joined_at AT TIME ZONE 'UTC')::date AS day, count(*) AS members FROM members
         WHERE workspace_id = $1 AND joined_at >= $2 GROUP BY 1 ORDER BY 1")
    .bind::<Uuid, _>(tx.workspace_id())
    .bind::<Timestamptz, _>(since);
    Ok(query.load(tx.conn()).await?)
}

pub(crate) async fn startup_count(tx: &mut TenantTx<'_>) -> Result<i64, PgError> {
    let present = startups::table
        .filter(startups::workspace_id.eq(tx.workspace_id()))
        .filter(startups::deleted_at.is_null());
    Ok(present.count().get_result(tx.conn()).await?)
}
