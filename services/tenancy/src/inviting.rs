//! Asking people into a workspace. An invitation, its mail, its end, the event and the audit entry are one transaction,
//! which holds the workspace's row: what it counts, and what the inviter may, stays true until it commits.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use witan_access::permission;
use witan_email::EmailAddress;
use witan_ids::{InvitationId, UserId};
use witan_pg::TenantTx;
use witan_web::{Problem, codes};

use crate::actor::{Actor, Forbidden, rights_of};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::changes::unknown_role;
use crate::domain::invitation::InvitationStatus;
use crate::domain::role::Role;
use crate::domain::secret::Secret;
use crate::events::invitations as events;
use crate::jobs::{forget_invitation, invitation_mail};
use crate::store::invitations::{
    InvitationRow, NewInvitation, invitation_counts, invitation_insert, invitation_lock, invitation_save,
    invitation_waiting, member_has_address,
};
use crate::store::workspaces::workspace_lock;

const DAY: TimeDelta = TimeDelta::days(1);

/// Whom to invite.
pub(crate) struct Wish {
    pub(crate) email: EmailAddress,
    pub(crate) role: Role,
    pub(crate) ttl: TimeDelta,
    pub(crate) by: UserId,
}

/// Invites. Whether the address has an account is not looked at: of people only members are.
pub(crate) async fn invite(
    tx: &mut TenantTx<'_>,
    app: &App,
    actor: &Actor,
    wish: &Wish,
) -> Result<InvitationRow, Problem> {
    let now = app.clock.now().trunc_subsecs(3);
    workspace_lock(tx).await?;
    check_reach(tx, actor, wish.role).await?;
    if member_has_address(tx, wish.email.key()).await? {
        return Err(Problem::new(&codes::tenancy::MEMBER_EXISTS));
    }
    if let Some(mut waiting) = invitation_waiting(tx, wish.email.key()).await? {
        if waiting.status(now) == InvitationStatus::Pending {
            return Err(Problem::new(&codes::tenancy::INVITATION_PENDING));
        }
        end(&mut waiting, InvitationStatus::Expired, now);
        invitation_save(tx, &waiting).await?;
    }
    check_limits(tx, app, now - DAY, now).await?;
    let (id, secret) = (InvitationId::generate(&app.clock), Secret::generate(&app.clock));
    let new = NewInvitation {
        id,
        email: &wish.email,
        role: wish.role,
        invited_by: wish.by,
        digest: secret.digest(),
        sealed: invitation_mail::seal(app, id, &secret),
        expires_at: now + wish.ttl,
    };
    let row = InvitationRow::new(tx.workspace_id(), new, now);
    invitation_insert(tx, &row).await?;
    invitation_mail::order(tx, &app.clock, &row).await?;
    forget_invitation::order(tx, app, &row).await?;
    events::created(tx, &app.clock, &row).await?;
    let entry = Entry::new("INVITATION_CREATED", id).detail("role", wish.role);
    audit::record(tx, &app.clock, &actor.author, entry).await?;
    Ok(row)
}

/// Mails a new secret, which ends the one before; the time begins anew.
pub(crate) async fn resend(
    tx: &mut TenantTx<'_>,
    app: &App,
    actor: &Actor,
    id: InvitationId,
) -> Result<InvitationRow, Problem> {
    let now = app.clock.now().trunc_subsecs(3);
    workspace_lock(tx).await?;
    let mut row = invitation_lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    check_reach(tx, actor, row.role()).await?;
    match row.status(now) {
        InvitationStatus::Pending => {}
        InvitationStatus::Expired if row.settled_at.is_none() => check_limits(tx, app, now, now).await?,
        status => return Err(settled(status)),
    }
    let again = row.mailed_at + app.config.invitations.resend_after;
    if again > now {
        let wait = (again - now).to_std().unwrap_or_default();
        return Err(Problem::new(&codes::tenancy::INVITATION_RATE).retry_after(wait));
    }
    let secret = Secret::generate(&app.clock);
    row.digest = secret.digest();
    row.sealed = Some(invitation_mail::seal(app, id, &secret));
    row.mails += 1;
    row.expires_at = now + (row.expires_at - row.mailed_at);
    row.mailed_at = now;
    row.updated_at = now;
    invitation_save(tx, &row).await?;
    invitation_mail::order(tx, &app.clock, &row).await?;
    events::resent(tx, &app.clock, &row).await?;
    audit::record(tx, &app.clock, &actor.author, Entry::new("INVITATION_RESENT", id)).await?;
    Ok(row)
}

/// Takes it back; once more changes nothing.
pub(crate) async fn revoke(
    tx: &mut TenantTx<'_>,
    app: &App,
    actor: &Actor,
    id: InvitationId,
) -> Result<(), Problem> {
    let now = app.clock.now().trunc_subsecs(3);
    let mut row = invitation_lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    match row.status(now) {
        InvitationStatus::Revoked => return Ok(()),
        status if row.settled_at.is_some() => return Err(settled(status)),
        _ => {}
    }
    end(&mut row, InvitationStatus::Revoked, now);
    invitation_save(tx, &row).await?;
    events::revoked(tx, &app.clock, &row).await?;
    audit::record(tx, &app.clock, &actor.author, Entry::new("INVITATION_REVOKED", id)).await?;
    Ok(())
}

/// Ends what waits.
pub(crate) fn end(row: &mut InvitationRow, status: InvitationStatus, now: DateTime<Utc>) {
    row.status = status.as_str().to_owned();
    row.sealed = None;
    row.settled_at = Some(now);
    row.updated_at = now;
}

/// Why nothing can be done with an invitation any longer.
pub(crate) fn settled(status: InvitationStatus) -> Problem {
    match status {
        InvitationStatus::Expired => Problem::new(&codes::tenancy::INVITATION_EXPIRED),
        status => {
            let how = status.as_str().to_lowercase();
            Problem::new(&codes::tenancy::INVITATION_SETTLED).detail(format!("It was {how} already."))
        }
    }
}

/// Refuses who would give more than they have.
async fn check_reach(tx: &mut TenantTx<'_>, actor: &Actor, role: Role) -> Result<(), Problem> {
    let own = actor.rights(tx, permission::MEMBERS_MANAGE).await??;
    let wanted = rights_of(tx, role).await?.ok_or_else(unknown_role)?;
    if own.cover(&wanted) { Ok(()) } else { Err(Forbidden::Exceeded.into()) }
}

async fn check_limits(
    tx: &mut TenantTx<'_>,
    app: &App,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    const PATIENCE: Duration = Duration::from_secs(3600);
    let rules = &app.config.invitations;
    let (waiting, made) = invitation_counts(tx, now, since).await?;
    if waiting >= rules.pending {
        return Err(Problem::new(&codes::tenancy::INVITATION_LIMIT));
    }
    if made >= rules.per_day {
        return Err(Problem::new(&codes::tenancy::INVITATION_RATE).retry_after(PATIENCE));
    }
    Ok(())
}
