//! Mailing invitations.
//!
//! The job holds neither address nor secret. Auth is asked until it answers, under a key of the invitation and the number
//! of its mail, so that nothing is lost and nothing is mailed twice. Once auth has it, the secret is forgotten here.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use witan_clients::{ClientError, InvitationOrder};
use witan_clock::Clock;
use witan_ids::{InvitationId, WorkspaceId};
use witan_jobs::{Job, JobError, NewJob, Outcome, Worker, enqueue};
use witan_pg::{PgError, TenantTx};

use crate::app::App;
use crate::domain::invitation::InvitationStatus;
use crate::domain::secret::Secret;
use crate::store::invitations::{InvitationRow, invitation_find, invitation_unseal, member_address};

const KIND: &str = "tenancy.invitation-mail";
/// With the delays below that is two days.
const MAX_ATTEMPTS: i32 = 60;
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LONGEST_RETRY: Duration = Duration::from_secs(3600);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    workspace_id: WorkspaceId,
    invitation_id: InvitationId,
    mail: i32,
}

/// Seals the secret for the time until it is mailed.
pub(crate) fn seal(app: &App, id: InvitationId, secret: &Secret) -> Vec<u8> {
    app.cipher.seal(&app.clock, &context(id), secret.expose().as_bytes())
}

fn context(id: InvitationId) -> String {
    format!("tenancy.invitations/{id}")
}

/// Orders the mail of the invitation as it is now.
pub(crate) async fn order(tx: &mut TenantTx<'_>, clock: &Clock, row: &InvitationRow) -> Result<(), PgError> {
    let payload = Payload { workspace_id: row.workspace_id, invitation_id: row.id, mail: row.mails };
    let job = NewJob::new(KIND, serde_json::json!(payload)).max_attempts(MAX_ATTEMPTS);
    enqueue(tx, clock, job).await.map(drop)
}

/// Has auth mail them.
pub(crate) struct InvitationMail(pub(crate) App);

/// What the mail says, and to whom.
struct Letter {
    row: InvitationRow,
    secret: String,
    inviter: Option<String>,
}

#[async_trait]
impl Worker for InvitationMail {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn concurrency(&self) -> usize {
        4
    }

    async fn run(&self, job: &Job) -> Outcome {
        let Ok(order) = serde_json::from_value::<Payload>(job.payload.clone()) else {
            return Outcome::Dead { reason: "the payload names no invitation".to_owned() };
        };
        let read = async |tx: &mut TenantTx<'_>| self.letter(tx, &order).await;
        let letter = match self.0.pg.tenant_read("invitation.letter", order.workspace_id, read).await {
            Ok(Some(letter)) => letter,
            Ok(None) => return Outcome::Done,
            Err(error) => return retry(job, &error),
        };
        match self.hand_over(&order, &letter).await {
            Ok(()) => self.finish(job, &order).await,
            Err(error @ ClientError::Refused { .. }) => Outcome::Dead { reason: error.to_string() },
            Err(error) => retry(job, &error),
        }
    }
}

impl InvitationMail {
    /// `None` where nobody needs it any longer, or a newer mail took its place.
    async fn letter(&self, tx: &mut TenantTx<'_>, order: &Payload) -> Result<Option<Letter>, PgError> {
        let Some(row) = invitation_find(tx, order.invitation_id).await? else { return Ok(None) };
        let waits = row.status(self.0.clock.now()) == InvitationStatus::Pending && row.mails == order.mail;
        let Some(sealed) = row.sealed.as_deref().filter(|_| waits) else { return Ok(None) };
        let plain = self
            .0
            .cipher
            .open(&context(row.id), sealed)
            .inspect_err(|error| tracing::error!(%error, invitation = %row.id, "a secret does not open"));
        let Some(secret) = plain.ok().and_then(|plain| String::from_utf8(plain).ok()) else {
            return Ok(None);
        };
        let inviter = member_address(tx, row.invited_by).await?;
        Ok(Some(Letter { row, secret, inviter }))
    }

    async fn hand_over(&self, order: &Payload, letter: &Letter) -> Result<(), ClientError> {
        let dedupe_key = format!("{}:{}", order.invitation_id, order.mail);
        let mail = InvitationOrder {
            dedupe_key: &dedupe_key,
            recipient: &letter.row.email,
            secret: &letter.secret,
            inviter: letter.inviter.as_deref(),
            expires_at: letter.row.expires_at,
        };
        self.0.peers.auth.mail_invitation(&mail).await
    }

    async fn finish(&self, job: &Job, order: &Payload) -> Outcome {
        let finish = async |tx: &mut TenantTx<'_>| -> Result<(), JobError> {
            invitation_unseal(tx, order.invitation_id, order.mail).await?;
            job.complete(tx).await
        };
        match self.0.pg.tenant("invitation.mailed", order.workspace_id, finish).await {
            Ok(()) => Outcome::Done,
            Err(error) => retry(job, &error),
        }
    }
}

fn retry(job: &Job, error: &dyn std::error::Error) -> Outcome {
    let after = FIRST_RETRY.saturating_mul(1 << job.attempt.clamp(0, 16)).min(LONGEST_RETRY);
    Outcome::Retry { after, reason: error.to_string() }
}
