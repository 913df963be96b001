//! Consumes `webhook.endpoint.disabled`: whoever runs the workspace hears of it by mail.
//!
//! The event becomes one job, in the transaction of the inbox; the job asks tenancy who they are, for as long as it takes, and
//! ends in the transaction that queues a mail for each of them.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use witan_clients::TenancyClient;
use witan_clock::Clock;
use witan_events::contracts::webhooks::v1::EndpointDisabled;
use witan_events::{Envelope, Event as _, HandleError, TenantHandler};
use witan_ids::{EndpointId, MailId, UserId, WorkspaceId};
use witan_jobs::{Job, JobError, NewJob, Outcome, Worker, enqueue};
use witan_pg::{Cipher, Pg, PgError, SystemTx, TenantTx, Tx as _};

use super::mail::queue_mail_as;
use super::ordered::seal;
use crate::domain::account::Account;
use crate::mail::{EndpointLetter, MailKind};
use crate::store::mails::NewMail;
use crate::store::users::user_by_id;

const KIND: &str = "mail.endpoint_disabled";
/// With the delays below more than a week: longer than tenancy is away.
const MAX_ATTEMPTS: i32 = 60;
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(4 * 3600);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    workspace_id: WorkspaceId,
    endpoint_id: EndpointId,
    reason: String,
}

/// Takes the events.
pub(crate) struct EndpointsDisabled {
    pub(crate) clock: Clock,
}

#[async_trait]
impl TenantHandler for EndpointsDisabled {
    fn name(&self) -> &'static str {
        "endpoints-disabled"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &[EndpointDisabled::TYPE]
    }

    async fn handle(&self, tx: &mut TenantTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        let event = envelope.decode::<EndpointDisabled>()?;
        let payload = Payload {
            workspace_id: tx.workspace_id(),
            endpoint_id: event.endpoint_id.parse()?,
            reason: event.reason,
        };
        let job = NewJob::new(KIND, serde_json::json!(payload)).max_attempts(MAX_ATTEMPTS);
        enqueue(tx, &self.clock, job).await?;
        Ok(())
    }
}

/// Queues the mails.
pub(crate) struct EndpointDisabledWorker {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) cipher: Cipher,
    pub(crate) tenancy: TenancyClient,
}

#[async_trait]
impl Worker for EndpointDisabledWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Outcome {
        let Ok(payload) = serde_json::from_value::<Payload>(job.payload.clone()) else {
            return Outcome::Dead { reason: "the payload names no endpoint".to_owned() };
        };
        let admins = match self.tenancy.admins(payload.workspace_id).await {
            Ok(admins) => admins,
            Err(error) => {
                let after = FIRST_RETRY.saturating_mul(1 << job.attempt.clamp(0, 16)).min(LONGEST_RETRY);
                return Outcome::Retry { after, reason: error.to_string() };
            }
        };
        let letter = EndpointLetter {
            workspace_id: payload.workspace_id,
            endpoint_id: payload.endpoint_id,
            reason: payload.reason,
        };
        let queue = async |tx: &mut SystemTx<'_>| -> Result<(), JobError> {
            for admin in &admins {
                self.queue(tx, *admin, &letter).await?;
            }
            job.complete(tx).await
        };
        super::outcome(self.pg.tx("mail.endpoint_disabled", queue).await)
    }
}

impl EndpointDisabledWorker {
    /// A notice, however many mails they got; nothing for accounts that are closed.
    async fn queue(
        &self,
        tx: &mut SystemTx<'_>,
        admin: UserId,
        letter: &EndpointLetter,
    ) -> Result<(), PgError> {
        let user = user_by_id(tx.conn(), admin).await?;
        let open = user.is_some_and(|user| matches!(Account::from(user.account), Account::Active { .. }));
        if !open {
            return Ok(());
        }
        let id = MailId::generate(&self.clock);
        let sealed = Some(seal(&self.cipher, &self.clock, id, letter));
        let mail = NewMail { sealed, ..NewMail::to(admin, MailKind::EndpointDisabled) };
        queue_mail_as(tx, &self.clock, id, &mail, i64::MAX).await
    }
}
