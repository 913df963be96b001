//! Which workspace a person may join by the domain of their address, which auth proved. Of workspaces whose domain
//! that is not, nothing is told.

use witan_ids::{UserId, WorkspaceId};
use witan_pg::SystemTx;
use witan_web::{Problem, codes};

use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::domain::mail_domain::MailDomain;
use crate::domain::role::Role;
use crate::joining::join;
use crate::store::domain_owners::{DomainOwner, domain_owner};
use crate::store::domains::domain_find;
use crate::store::invited::person_address;
use crate::store::members::{MemberRow, member_find};
use crate::store::workspaces::{WorkspaceRow, see_as, workspace_find};

/// What everybody becomes who joins by a domain.
pub(crate) const ROLE: Role = Role::Member;

/// The workspace, and the person's place in it if they have one.
pub(crate) async fn resolve(
    tx: &mut SystemTx<'_>,
    user: UserId,
) -> Result<Option<(WorkspaceRow, Option<MemberRow>)>, Problem> {
    let Some(owner) = owner(tx, user).await? else { return Ok(None) };
    let mut tx = tx.tenant(owner.tenant);
    if !domain_find(&mut tx, owner.claim).await?.is_some_and(|claim| claim.joining) {
        return Ok(None);
    }
    let place = member_find(&mut tx, user).await?;
    let workspace = workspace_find(&mut tx).await?.filter(|workspace| workspace.deletion_due_at.is_none());
    Ok(workspace.map(|workspace| (workspace, place)))
}

/// Makes the person a member of the workspace that has their domain. Any other one answers as if it were not there.
pub(crate) async fn join_by_domain(
    tx: &mut SystemTx<'_>,
    app: &App,
    workspace: WorkspaceId,
    user: UserId,
    by: &Author,
) -> Result<WorkspaceRow, Problem> {
    let unknown = || Problem::new(&codes::WORKSPACE_NOT_FOUND);
    let (found, _) =
        resolve(tx, user).await?.filter(|(found, _)| found.workspace_id == workspace).ok_or_else(unknown)?;
    let mut tx = tx.tenant(workspace);
    join(&mut tx, &app.clock, user, ROLE).await?;
    let entry = Entry::new("MEMBER_JOINED", user).detail("by", "domain");
    audit::record(&mut tx, &app.clock, by, entry).await?;
    Ok(found)
}

async fn owner(tx: &mut SystemTx<'_>, user: UserId) -> Result<Option<DomainOwner>, Problem> {
    see_as(tx, user).await?;
    let address = person_address(tx, user).await?;
    let Some(domain) = address.as_deref().and_then(MailDomain::of_address) else { return Ok(None) };
    Ok(domain_owner(tx, domain.as_str()).await?)
}
