//! What the invited do. Two things prove that they are: the secret of the newest mail, or an account whose address,
//! which auth proved, is the invited one. An address that somebody merely says is theirs proves nothing.

use chrono::SubsecRound;
use witan_ids::{InvitationId, UserId};
use witan_pg::SystemTx;
use witan_web::{Problem, codes};

use crate::actor::rights_of;
use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::domain::invitation::InvitationStatus;
use crate::domain::secret::Secret;
use crate::events::invitations as events;
use crate::inviting::{end, settled};
use crate::joining::join;
use crate::store::bind::{see_by_secret, see_for_address};
use crate::store::invitations::{InvitationRow, invitation_lock, invitation_save};
use crate::store::invited::{invited_by_digest, invited_by_id, person_address};
use crate::store::members::member_find;
use crate::store::workspaces::{WorkspaceRow, see_as, workspace_find};

/// How somebody proves that they are invited.
pub(crate) enum Proof {
    /// By the secret of the mail.
    Secret(Option<Secret>),
    /// By their account's address.
    Address(UserId, InvitationId),
}

impl Proof {
    /// By what they say was in the mail.
    pub(crate) fn secret(text: &str) -> Self {
        Self::Secret(Secret::parse(text))
    }
}

/// The invitation, as it was when it was looked for.
pub(crate) async fn find(tx: &mut SystemTx<'_>, proof: &Proof) -> Result<InvitationRow, Problem> {
    match proof {
        Proof::Secret(secret) => {
            let invalid = || Problem::new(&codes::tenancy::INVITATION_TOKEN_INVALID);
            let digest = secret.as_ref().ok_or_else(invalid)?.digest();
            see_by_secret(tx, &digest).await?;
            invited_by_digest(tx, &digest).await?.ok_or_else(invalid)
        }
        Proof::Address(user, id) => {
            see_as(tx, *user).await?;
            let key = person_address(tx, *user).await?.ok_or_else(Problem::not_found)?;
            see_for_address(tx, &key).await?;
            invited_by_id(tx, &key, *id).await?.ok_or_else(Problem::not_found)
        }
    }
}

/// Makes the person a member, once. Who accepted is told the same when they accept again.
pub(crate) async fn accept(
    tx: &mut SystemTx<'_>,
    app: &App,
    proof: &Proof,
    user: UserId,
    by: &Author,
) -> Result<(WorkspaceRow, InvitationRow), Problem> {
    let found = find(tx, proof).await?;
    let mut tx = tx.tenant(found.workspace_id);
    let now = app.clock.now().trunc_subsecs(3);
    let mut row = lock(&mut tx, &found).await?;
    match row.status(now) {
        InvitationStatus::Pending => {
            if rights_of(&mut tx, row.role()).await?.is_none() {
                let gone = "The role that it is for is no more.";
                return Err(Problem::new(&codes::tenancy::INVITATION_SETTLED).detail(gone));
            }
            join(&mut tx, &app.clock, user, row.role()).await?;
            end(&mut row, InvitationStatus::Accepted, now);
            row.accepted_by = Some(user);
            invitation_save(&mut tx, &row).await?;
            events::accepted(&mut tx, &app.clock, &row, user).await?;
            let entry = Entry::new("INVITATION_ACCEPTED", row.id).detail("role", row.role());
            audit::record(&mut tx, &app.clock, by, entry).await?;
        }
        InvitationStatus::Accepted if row.accepted_by == Some(user) => {
            // Who was let in and is out again is not told that they are in.
            if !member_find(&mut tx, user).await?.is_some_and(|member| member.is_admitted()) {
                return Err(settled(InvitationStatus::Accepted));
            }
        }
        status => return Err(settled(status)),
    }
    let workspace = workspace_find(&mut tx).await?.ok_or_else(Problem::not_found)?;
    Ok((workspace, row))
}

/// Says no; once more changes nothing.
pub(crate) async fn decline(
    tx: &mut SystemTx<'_>,
    app: &App,
    proof: &Proof,
    by: &Author,
) -> Result<(), Problem> {
    let found = find(tx, proof).await?;
    let mut tx = tx.tenant(found.workspace_id);
    let now = app.clock.now().trunc_subsecs(3);
    let mut row = lock(&mut tx, &found).await?;
    match row.status(now) {
        InvitationStatus::Pending => {}
        InvitationStatus::Declined => return Ok(()),
        status => return Err(settled(status)),
    }
    end(&mut row, InvitationStatus::Declined, now);
    invitation_save(&mut tx, &row).await?;
    events::declined(&mut tx, &app.clock, &row).await?;
    audit::record(&mut tx, &app.clock, by, Entry::new("INVITATION_DECLINED", row.id)).await?;
    Ok(())
}

/// The same invitation once it is nobody else's turn. A secret that was replaced meanwhile opens nothing.
async fn lock(tx: &mut witan_pg::TenantTx<'_>, found: &InvitationRow) -> Result<InvitationRow, Problem> {
    let row = invitation_lock(tx, found.id).await?.ok_or_else(Problem::not_found)?;
    if row.digest == found.digest {
        Ok(row)
    } else {
        Err(Problem::new(&codes::tenancy::INVITATION_TOKEN_INVALID))
    }
}
