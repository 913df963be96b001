//! Becoming a member, whatever the way in.

use chrono::SubsecRound;
use witan_clock::Clock;
use witan_ids::UserId;
use witan_pg::TenantTx;
use witan_web::{Problem, codes};

use crate::domain::role::Role;
use crate::events;
use crate::store::members::{MemberRow, member_find, member_join};
use crate::store::workspaces::workspace_find;

/// Makes the person a member of the workspace of the transaction.
///
/// # Errors
/// 409 for who is one, and 403 for who was deactivated: no invitation and no link brings them back. 403 while the
/// workspace awaits its deletion.
pub(crate) async fn join(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    user: UserId,
    role: Role,
) -> Result<MemberRow, Problem> {
    let workspace = workspace_find(tx).await?.ok_or_else(Problem::not_found)?;
    if workspace.deletion_due_at.is_some() {
        return Err(Problem::new(&codes::WORKSPACE_DELETION_PENDING));
    }
    let member = MemberRow::new(tx.workspace_id(), user, role, clock.now().trunc_subsecs(3));
    if !member_join(tx, &member).await? {
        let there = member_find(tx, user).await?;
        let out = there.is_some_and(|member| !member.is_admitted());
        return Err(Problem::new(match out {
            true => &codes::tenancy::MEMBER_INACTIVE,
            false => &codes::tenancy::MEMBER_EXISTS,
        }));
    }
    events::member_added(tx, clock, &member).await?;
    Ok(member)
}
