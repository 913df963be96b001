//! Telling people what is held of them: what `jobs::held` removes.

pub(crate) mod workspace;

use async_trait::async_trait;
use uuid::Uuid;
use witan_ids::{InvitationId, ProjectId, StartupId, UserId, WorkspaceId};
use witan_pg::{Pg, PgError, SystemTx, TenantTx};
use witan_web::{Discloser, Lines, Problem};

use crate::store::bind::see_for_address;
use crate::store::erasure::places;
use crate::store::held::{
    held_features, held_first_workspace, held_membership, held_person, held_projects, held_startups,
    held_workspace,
};
use crate::store::held_doors::{held_domains, held_join_link};
use crate::store::held_invitations::{held_invitations, held_invited};
use crate::store::invited::person_address;
use crate::store::workspaces::see_as;

/// All of it.
pub(crate) struct Disclosure(pub(crate) Pg);

#[async_trait]
impl Discloser for Disclosure {
    async fn disclose(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let own = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
            see_as(tx, user).await?;
            let person = held_person(tx, user).await?;
            let features = held_features(tx, user).await?;
            Ok((person, held_first_workspace(tx, user).await?, features, places(tx, user).await?))
        };
        let (person, first, features, places) = self.0.tx("held.person", own).await?;
        lines.page("person", None, person.as_slice()).await?;
        lines.page("firstWorkspace", None, first.as_slice()).await?;
        lines.page("feature", None, &features).await?;
        self.invited(user, lines).await?;
        for workspace in places {
            self.place(user, workspace, lines).await?;
            self.doors(user, workspace, lines).await?;
        }
        Ok(())
    }
}

impl Disclosure {
    async fn invited(&self, user: UserId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let own = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
            see_as(tx, user).await?;
            let Some(key) = person_address(tx, user).await? else { return Ok(Vec::new()) };
            see_for_address(tx, &key).await?;
            held_invited(tx, user, &key).await
        };
        for row in self.0.tx("held.invited", own).await? {
            lines.page("invitation", Some(row.workspace_id), &[row]).await?;
        }
        Ok(())
    }

    /// The ways into the workspace that the person made, or came by.
    async fn doors(
        &self,
        user: UserId,
        workspace: WorkspaceId,
        lines: &mut Lines<'_>,
    ) -> Result<(), Problem> {
        let doors = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
            Ok((held_join_link(tx, user).await?, held_domains(tx, user).await?))
        };
        let (link, domains) = self.0.tenant_read("held.doors", workspace, doors).await?;
        lines.page("joinLink", Some(workspace), link.as_slice()).await?;
        lines.page("domain", Some(workspace), &domains).await?;
        let mut after = Some(InvitationId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| held_invitations(tx, user, last).await;
            let rows = self.0.tenant_read("held.invitations", workspace, page).await?;
            after = lines.page("invitation", Some(workspace), &rows).await?.map(|row| row.id);
        }
        Ok(())
    }

    async fn place(
        &self,
        user: UserId,
        workspace: WorkspaceId,
        lines: &mut Lines<'_>,
    ) -> Result<(), Problem> {
        let here = Some(workspace);
        let place = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
            Ok((held_membership(tx, user).await?, held_workspace(tx, user).await?))
        };
        let (membership, made) = self.0.tenant_read("held.place", workspace, place).await?;
        lines.page("membership", here, membership.as_slice()).await?;
        lines.page("workspace", here, made.as_slice()).await?;
        let mut after = Some(StartupId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| held_startups(tx, user, last).await;
            let rows = self.0.tenant_read("held.startups", workspace, page).await?;
            after = lines.page("startup", here, &rows).await?.map(|row| row.id);
        }
        let mut after = Some(ProjectId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| held_projects(tx, user, last).await;
            let rows = self.0.tenant_read("held.projects", workspace, page).await?;
            after = lines.page("project", here, &rows).await?.map(|row| row.id);
        }
        Ok(())
    }
}
