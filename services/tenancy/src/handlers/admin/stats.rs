use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveTime};
use serde::Serialize;
use utoipa::ToSchema;
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Problem, State, Tenant};

use crate::app::App;
use crate::domain::role::Role;
use crate::store::invitations::invitation_counts;
use crate::store::stats::{DayCount, RoleCount, member_count_by_day, member_count_by_role, startup_count};

/// How many days are looked back on, today included.
const DAYS: u64 = 30;

/// A workspace in numbers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkspaceStats {
    members: MemberStats,
    /// How many invitations wait for an answer.
    pending_invitations: i64,
    startups: i64,
    /// The last 30 days in UTC, today last.
    new_members: Vec<NewMembers>,
}

/// Who belongs to it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberStats {
    total: i64,
    /// Those who may act.
    active: i64,
    /// Those who may not, for now or because their account is closed.
    inactive: i64,
    /// The roles that somebody has.
    by_role: Vec<RoleStats>,
}

/// Who has a role.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleStats {
    role: Role,
    active: i64,
    inactive: i64,
}

/// Who came on a day and is there still.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewMembers {
    day: NaiveDate,
    members: i64,
}

/// Counts the workspace's members, invitations and start-ups.
#[utoipa::path(get, path = "/api/v1/admin/stats", operation_id = "getWorkspaceStats", tag = "admin",
    responses((status = 200, description = "The numbers", body = WorkspaceStats)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Json<WorkspaceStats>, Problem> {
    let now = app.clock.now();
    let today = now.date_naive();
    let first = today - Days::new(DAYS - 1);
    let since = first.and_time(NaiveTime::MIN).and_utc();
    let count = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        Ok(WorkspaceStats {
            members: by_role(&member_count_by_role(tx).await?),
            pending_invitations: invitation_counts(tx, now, now).await?.0,
            startups: startup_count(tx).await?,
            new_members: by_day(first, &member_count_by_day(tx, since).await?),
        })
    };
    Ok(Json(app.pg.tenant_read("workspace.stats", tenant.workspace_id, count).await?))
}

fn by_role(counts: &[RoleCount]) -> MemberStats {
    let mut roles: BTreeMap<String, RoleStats> = BTreeMap::new();
    for count in counts {
        let none = || RoleStats { role: count.role, active: 0, inactive: 0 };
        let stats = roles.entry(count.role.to_string()).or_insert_with(none);
        *(if count.acts { &mut stats.active } else { &mut stats.inactive }) += count.members;
    }
    let active = roles.values().map(|role| role.active).sum();
    let inactive = roles.values().map(|role| role.inactive).sum();
    MemberStats { total: active + inactive, active, inactive, by_role: roles.into_values().collect() }
}

/// Every day, also those on which nobody came.
fn by_day(first: NaiveDate, counts: &[DayCount]) -> Vec<NewMembers> {
    let days = first.iter_days().take(DAYS as usize);
    let came = |day| counts.iter().find(|count| count.day == day).map_or(0, |count| count.members);
    days.map(|day| NewMembers { day, members: came(day) }).collect()
}
