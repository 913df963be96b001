//! Telling a workspace what is held of it here: what its deletion removes.

use async_trait::async_trait;
use uuid::Uuid;
use witan_ids::{InvitationId, ProjectId, StartupId, UserId, WorkspaceId};
use witan_pg::{Pg, PgError, TenantTx};
use witan_web::{Lines, Problem, WorkspaceDiscloser};

use crate::handlers::projects::view::Project;
use crate::handlers::roles::view::OwnRole;
use crate::handlers::startups::view::Startup;
use crate::store::held::{kept_members, kept_projects, kept_startups, kept_workspace};
use crate::store::held_doors::{kept_domains, kept_join_link};
use crate::store::held_invitations::kept_invitations;
use crate::store::roles::role_list;

/// All of it, but for what was deleted in it.
pub(crate) struct WorkspaceDisclosure(pub(crate) Pg);

#[async_trait]
impl WorkspaceDiscloser for WorkspaceDisclosure {
    async fn disclose(&self, workspace: WorkspaceId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let found = async |tx: &mut TenantTx<'_>| kept_workspace(tx).await;
        let found = self.0.tenant_read("kept.workspace", workspace, found).await?;
        lines.page("workspace", None, found.as_slice()).await?;
        let roles = async |tx: &mut TenantTx<'_>| role_list(tx).await;
        let roles = self.0.tenant_read("kept.roles", workspace, roles).await?;
        let roles: Vec<OwnRole> = roles.into_iter().map(OwnRole::from).collect();
        lines.page("role", None, &roles).await?;
        self.doors(workspace, lines).await?;
        let mut after = Some(UserId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| kept_members(tx, last).await;
            let rows = self.0.tenant_read("kept.members", workspace, page).await?;
            after = lines.page("member", None, &rows).await?.map(|row| row.user_id);
        }
        let mut after = Some(StartupId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| kept_startups(tx, last).await;
            let rows = self.0.tenant_read("kept.startups", workspace, page).await?;
            let rows: Vec<Startup> = rows.into_iter().map(Startup::from).collect();
            after = lines.page("startup", None, &rows).await?.map(|row| row.id);
        }
        let mut after = Some(ProjectId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| kept_projects(tx, last).await;
            let rows = self.0.tenant_read("kept.projects", workspace, page).await?;
            let rows: Vec<Project> = rows.into_iter().map(Project::from).collect();
            after = lines.page("project", None, &rows).await?.map(|row| row.id);
        }
        Ok(())
    }
}

impl WorkspaceDisclosure {
    /// The ways in. No digest and no secret is told.
    async fn doors(&self, workspace: WorkspaceId, lines: &mut Lines<'_>) -> Result<(), Problem> {
        let doors = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
            Ok((kept_join_link(tx).await?, kept_domains(tx).await?))
        };
        let (link, domains) = self.0.tenant_read("kept.doors", workspace, doors).await?;
        lines.page("joinLink", None, link.as_slice()).await?;
        lines.page("domain", None, &domains).await?;
        let mut after = Some(InvitationId::from_uuid(Uuid::nil()));
        while let Some(last) = after {
            let page = async |tx: &mut TenantTx<'_>| kept_invitations(tx, last).await;
            let rows = self.0.tenant_read("kept.invitations", workspace, page).await?;
            after = lines.page("invitation", None, &rows).await?.map(|row| row.id);
        }
        Ok(())
    }
}
