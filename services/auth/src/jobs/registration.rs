//! What follows a registration: the event, and a mail to whoever owns the address.
//!
//! It is a job so that the answer to `POST /auth/register` is the same, and takes the same, whether or not the
//! address has an account. The row of the registration and this job are stored in one transaction; the job is
//! done when the event and the mail are.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use witan_clock::Clock;
use witan_jobs::{Job, JobError, NewJob, Outcome, Worker, enqueue};
use witan_pg::{Pg, PgError, SystemTx, Tx};

use super::mail::queue_mail;
use crate::domain::account::Account;
use crate::events;
use crate::mail::MailKind;
use crate::store::mails::NewMail;
use crate::store::registrations::{Registration, registration_by_id};
use crate::store::users::{User, user_announce, user_lock};

const KIND: &str = "auth.registration";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    registration_id: Uuid,
}

/// Orders the follow-up of a registration.
pub(crate) async fn follow_up(tx: &mut impl Tx, clock: &Clock, registration: Uuid) -> Result<(), PgError> {
    let payload = serde_json::json!(Payload { registration_id: registration });
    enqueue(tx, clock, NewJob::new(KIND, payload)).await.map(drop)
}

/// Does it.
pub(crate) struct RegistrationWorker {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) mails_per_hour: i64,
}

#[async_trait]
impl Worker for RegistrationWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Outcome {
        let Ok(payload) = serde_json::from_value::<Payload>(job.payload.clone()) else {
            return Outcome::Dead { reason: "the payload names no registration".to_owned() };
        };
        let settle = async |tx: &mut SystemTx<'_>| -> Result<(), JobError> {
            if let Some(registration) = registration_by_id(tx, payload.registration_id).await? {
                self.settle(tx, &registration).await?;
            }
            job.complete(tx).await
        };
        super::outcome(self.pg.tx("registration.settle", settle).await)
    }
}

impl RegistrationWorker {
    async fn settle(&self, tx: &mut SystemTx<'_>, registration: &Registration) -> Result<(), PgError> {
        let Some(user) = user_lock(tx, registration.user_id).await? else { return Ok(()) };
        if user_announce(tx, user.id).await? {
            events::user_registered(tx, &self.clock, user.id, &user.email).await?;
        }
        let (kind, registration) = match Account::from(user.account.clone()) {
            Account::PendingVerify => (MailKind::VerifyEmail, Some(registration.id)),
            _ => (MailKind::AlreadyRegistered, None),
        };
        self.mail(tx, &user, kind, registration).await
    }

    async fn mail(
        &self,
        tx: &mut SystemTx<'_>,
        user: &User,
        kind: MailKind,
        registration: Option<Uuid>,
    ) -> Result<(), PgError> {
        let mail = NewMail { registration, ..NewMail::to(user.id, kind) };
        queue_mail(tx, &self.clock, &mail, self.mails_per_hour).await
    }
}
