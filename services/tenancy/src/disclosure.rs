//! Telling people what is held of them: what `jobs::held` removes.

use async_trait::async_trait;
use uuid::Uuid;
use witan_ids::{ProjectId, StartupId, UserId, WorkspaceId};
use witan_pg::{Pg, PgError, SystemTx, TenantTx};
use witan_web::{Discloser, Lines, Problem};

use crate::store::erasure::places;
use crate::store::held::{
    held_features, held_first_workspace, held_membership, held_person, held_projects, held_startups,
    held_workspace,
};
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
        for workspace in places {
            self.place(user, workspace, lines).await?;
        }
        Ok(())
    }
}

impl Disclosure {
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
