//! Changing who belongs to a workspace, and as what: the one way in which it is done.
//!
//! Each change holds the workspace's row first. What it sees of the members is therefore true until it commits, also of
//! fifty that come at once: nobody gives more than they have, and somebody always runs the workspace.

use chrono::SubsecRound;
use witan_access::permission;
use witan_clock::Clock;
use witan_ids::UserId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Problem, Violations, codes};

use crate::actor::{Actor, Forbidden, rights_of};
use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::domain::last_admin::steps_down;
use crate::domain::role::Role;
use crate::domain::status::MemberStatus;
use crate::events;
use crate::store::members::{
    MemberRow, MemberView, member_insert, member_other_admins, member_remove, member_save, member_view,
};
use crate::store::workspaces::workspace_lock;

/// What is to become of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// They get this role.
    Role(Role),
    /// They may act, or may not for now.
    Status(MemberStatus),
    /// They belong to the workspace no longer.
    Remove,
    /// The same, as they wish it themselves.
    Leave,
}

/// Why nothing changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    #[error("there is no such member")]
    Unknown,
    #[error("the person is a member already")]
    Exists,
    #[error("there is no such role")]
    UnknownRole,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("nobody would run the workspace")]
    LastAdmin,
    #[error(transparent)]
    Store(#[from] PgError),
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unknown => Self::not_found(),
            ChangeError::Exists => Self::new(&codes::tenancy::MEMBER_EXISTS),
            ChangeError::UnknownRole => unknown_role(),
            ChangeError::Forbidden(error) => error.into(),
            ChangeError::LastAdmin => Self::new(&codes::tenancy::LAST_ADMIN),
            ChangeError::Store(error) => error.into(),
        }
    }
}

/// A body names a role that the workspace does not have.
pub(crate) fn unknown_role() -> Problem {
    let mut violations = Violations::new();
    violations.push("/role", "validation.invalid", "the workspace has no such role");
    violations.into()
}

/// Changes a member as somebody wishes who may manage members; how the member is now.
pub(crate) async fn change(
    app: &App,
    actor: &Actor,
    user: UserId,
    wish: Wish,
) -> Result<MemberView, Problem> {
    let work = async |tx: &mut TenantTx<'_>| -> Result<MemberView, ChangeError> {
        workspace_lock(tx).await?;
        let own = actor.rights(tx, permission::MEMBERS_MANAGE).await??;
        let member = member_view(tx, user).await?.ok_or(ChangeError::Unknown)?;
        let held = rights_of(tx, member.member.role()).await?;
        if held.is_some_and(|held| !own.cover(&held)) {
            return Err(Forbidden::Exceeded.into());
        }
        if let Wish::Role(role) = wish {
            let wanted = rights_of(tx, role).await?.ok_or(ChangeError::UnknownRole)?;
            if !own.cover(&wanted) {
                return Err(Forbidden::Exceeded.into());
            }
        }
        apply(tx, &app.clock, &actor.author, member, wish).await
    };
    let changed = app.pg.tenant("member.change", actor.workspace, work).await?;
    app.memberships.invalidate_user(user);
    Ok(changed)
}

/// Lets somebody in who has an account, as somebody wishes who may manage members.
pub(crate) async fn add(app: &App, actor: &Actor, user: UserId, role: Role) -> Result<MemberView, Problem> {
    let now = app.clock.now().trunc_subsecs(3);
    let member = MemberRow::new(actor.workspace, user, role, now);
    let work = async |tx: &mut TenantTx<'_>| -> Result<MemberView, ChangeError> {
        workspace_lock(tx).await?;
        let own = actor.rights(tx, permission::MEMBERS_MANAGE).await??;
        let wanted = rights_of(tx, role).await?.ok_or(ChangeError::UnknownRole)?;
        if !own.cover(&wanted) {
            return Err(Forbidden::Exceeded.into());
        }
        if member_view(tx, user).await?.is_some() {
            return Err(ChangeError::Exists);
        }
        member_insert(tx, &member).await?;
        let view = member_view(tx, user).await?.ok_or(ChangeError::Unknown)?;
        events::member_added(tx, &app.clock, &view.member).await?;
        let entry = Entry::new("MEMBER_ADDED", user).detail("role", role);
        audit::record(tx, &app.clock, &actor.author, entry).await?;
        Ok(view)
    };
    let added = app.pg.tenant("member.add", actor.workspace, work).await?;
    app.memberships.invalidate_user(user);
    Ok(added)
}

/// Does it, tells everybody, and writes it down. The workspace is held.
pub(crate) async fn apply(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    by: &Author,
    mut view: MemberView,
    wish: Wish,
) -> Result<MemberView, ChangeError> {
    let now = clock.now().trunc_subsecs(3);
    let before = view.member.clone();
    let after = wished(&before, wish);
    if after.as_ref() == Some(&before) {
        return Ok(view);
    }
    if steps_down(place(&before), after.as_ref().map(place))
        && member_other_admins(tx, before.user_id, now).await?.is_empty()
    {
        return Err(ChangeError::LastAdmin);
    }
    match after {
        Some(mut after) => {
            after.updated_at = now;
            member_save(tx, &after).await?;
            events::member_changed(tx, clock, &after).await?;
            view.member = after;
        }
        None => {
            member_remove(tx, before.user_id).await?;
            events::member_removed(tx, clock, &before).await?;
        }
    }
    audit::record(tx, clock, by, entry(&before, wish)).await?;
    Ok(view)
}

fn wished(before: &MemberRow, wish: Wish) -> Option<MemberRow> {
    let mut after = before.clone();
    match wish {
        Wish::Role(role) => after.set_role(role),
        Wish::Status(status) => after.set_status(status),
        Wish::Remove | Wish::Leave => return None,
    }
    Some(after)
}

fn place(member: &MemberRow) -> (Role, MemberStatus) {
    (member.role(), member.status())
}

fn entry(before: &MemberRow, wish: Wish) -> Entry {
    let action = match wish {
        Wish::Role(_) => "MEMBER_ROLE_CHANGED",
        Wish::Status(MemberStatus::Active) => "MEMBER_ACTIVATED",
        Wish::Status(MemberStatus::Inactive) => "MEMBER_DEACTIVATED",
        Wish::Remove => "MEMBER_REMOVED",
        Wish::Leave => "MEMBER_LEFT",
    };
    let entry = Entry::new(action, before.user_id).detail("role", before.role());
    match wish {
        Wish::Role(role) => entry.detail("newRole", role),
        _ => entry,
    }
}
