//! Consumes `project.deleted`: what the project grouped belongs to none.

use async_trait::async_trait;
use witan_events::contracts::tenancy::v1::ProjectDeleted;
use witan_events::{Envelope, Event as _, HandleError, TenantHandler};
use witan_pg::TenantTx;

use crate::store::projects::project_end;

/// Forgets projects that were deleted.
pub(crate) struct Projects;

#[async_trait]
impl TenantHandler for Projects {
    fn name(&self) -> &'static str {
        "projects"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &[ProjectDeleted::TYPE]
    }

    async fn handle(&self, tx: &mut TenantTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        let project = envelope.decode::<ProjectDeleted>()?.project_id.parse()?;
        Ok(project_end(tx, project).await?)
    }
}
