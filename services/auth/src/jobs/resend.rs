//! Another verification mail, for whoever asked and still needs one.
//!
//! Whether the address has an account is looked up here, and not in the request that asked: its answer and its
//! duration tell nothing.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use witan_clock::Clock;
use witan_jobs::{Job, JobError, NewJob, Outcome, Worker, enqueue};
use witan_pg::{Pg, PgError, SystemTx, Tx};

use super::mail::queue_mail;
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::mail::MailKind;
use crate::store::mails::NewMail;
use crate::store::registrations::registration_newest;
use crate::store::users::user_by_email;

const KIND: &str = "auth.resend-verification";

#[derive(Serialize, Deserialize)]
struct Payload {
    email: String,
}

/// Orders another verification mail.
pub(crate) async fn resend(tx: &mut impl Tx, clock: &Clock, email: &EmailAddress) -> Result<(), PgError> {
    let payload = serde_json::json!(Payload { email: email.as_str().to_owned() });
    enqueue(tx, clock, NewJob::new(KIND, payload)).await.map(drop)
}

/// Queues it, if there is anybody to send it to.
pub(crate) struct ResendWorker {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) mails_per_hour: i64,
}

#[async_trait]
impl Worker for ResendWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Outcome {
        let payload = serde_json::from_value::<Payload>(job.payload.clone());
        let Some(email) = payload.ok().and_then(|payload| EmailAddress::parse(&payload.email).ok()) else {
            return Outcome::Dead { reason: "the payload holds no address".to_owned() };
        };
        let queue = async |tx: &mut SystemTx<'_>| -> Result<(), JobError> {
            self.queue(tx, &email).await?;
            job.complete(tx).await
        };
        super::outcome(self.pg.tx("verification.resend", queue).await)
    }
}

impl ResendWorker {
    async fn queue(&self, tx: &mut SystemTx<'_>, email: &EmailAddress) -> Result<(), PgError> {
        let Some(user) = user_by_email(tx, email).await? else { return Ok(()) };
        if Account::from(user.account) != Account::PendingVerify {
            return Ok(());
        }
        let Some(registration) = registration_newest(tx, user.id).await? else { return Ok(()) };
        let mail =
            NewMail { registration: Some(registration.id), ..NewMail::to(user.id, MailKind::VerifyEmail) };
        queue_mail(tx, &self.clock, &mail, self.mails_per_hour).await
    }
}
