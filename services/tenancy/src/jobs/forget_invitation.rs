//! Forgetting invitations: they hold addresses of people who may never have become anything here.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use witan_ids::{InvitationId, WorkspaceId};
use witan_jobs::{Job, JobError, NewJob, Outcome, Worker, enqueue};
use witan_pg::{PgError, TenantTx};

use crate::app::App;
use crate::store::invitations::{InvitationRow, invitation_delete, invitation_lock};

const KIND: &str = "tenancy.invitation-forget";
const RETRY: Duration = Duration::from_secs(60);
/// One that is mailed again lives longer, as often as that is.
const MAX_ATTEMPTS: i32 = 10_000;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    workspace_id: WorkspaceId,
    invitation_id: InvitationId,
}

/// Has the invitation forgotten when it has been over for long.
pub(crate) async fn order(tx: &mut TenantTx<'_>, app: &App, row: &InvitationRow) -> Result<(), PgError> {
    let payload = Payload { workspace_id: row.workspace_id, invitation_id: row.id };
    let job = NewJob::new(KIND, serde_json::json!(payload)).max_attempts(MAX_ATTEMPTS);
    let due = row.expires_at + app.config.invitations.kept;
    enqueue(tx, &app.clock, job.at(due)).await.map(drop)
}

/// Forgets them.
pub(crate) struct ForgetInvitation(pub(crate) App);

#[async_trait]
impl Worker for ForgetInvitation {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Outcome {
        let Ok(Payload { workspace_id, invitation_id }) = serde_json::from_value(job.payload.clone()) else {
            return Outcome::Dead { reason: "the payload names no invitation".to_owned() };
        };
        let forget = async |tx: &mut TenantTx<'_>| -> Result<(), JobError> {
            let row = invitation_lock(tx, invitation_id).await?;
            let due = row.map(|row| row.expires_at + self.0.config.invitations.kept);
            if let Some(due) = due.filter(|due| *due > self.0.clock.now()) {
                return job.retry_at(tx, due).await;
            }
            invitation_delete(tx, invitation_id).await?;
            job.complete(tx).await
        };
        match self.0.pg.tenant("invitation.forget", workspace_id, forget).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry { after: RETRY, reason: error.to_string() },
        }
    }
}
