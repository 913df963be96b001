//! Consumes `workspace.created`: the first workspace a user owns becomes the one their tokens name.

use async_trait::async_trait;
use witan_clock::Clock;
use witan_events::contracts::tenancy::v1::WorkspaceCreated;
use witan_events::{Envelope, HandleError, SystemHandler};
use witan_ids::{UserId, WorkspaceId};
use witan_pg::SystemTx;

use crate::store::users::user_set_first_workspace;

/// Repeating it changes nothing, so neither does a second delivery.
pub(crate) struct DefaultWorkspace {
    pub(crate) clock: Clock,
}

#[async_trait]
impl SystemHandler for DefaultWorkspace {
    fn name(&self) -> &'static str {
        "default-workspace"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &["workspace.created"]
    }

    async fn handle(&self, tx: &mut SystemTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        let event = envelope.decode::<WorkspaceCreated>()?;
        let owner: UserId = event.owner_id.parse()?;
        let workspace: WorkspaceId = event.workspace_id.parse()?;
        Ok(user_set_first_workspace(tx, owner, workspace, self.clock.now()).await?)
    }
}
