//! A link for a new password, for whoever asked and has an account.
//!
//! As with verification mails, whether the address has an account is looked up here and not in the request.

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
use crate::store::users::{User, user_by_email};

const KIND: &str = "auth.reset-password";

#[derive(Serialize, Deserialize)]
struct Payload {
    email: String,
}

/// Orders a link.
pub(crate) async fn order_reset(
    tx: &mut impl Tx,
    clock: &Clock,
    email: &EmailAddress,
) -> Result<(), PgError> {
    let payload = serde_json::json!(Payload { email: email.as_str().to_owned() });
    enqueue(tx, clock, NewJob::new(KIND, payload)).await.map(drop)
}

/// Whether the account may get a new password by mail: one that is open, or that an administrator made for somebody who
/// proves the address by it. One that somebody registered and never proved gets its password with its verification, and
/// a closed one has to be opened first.
pub(crate) fn may_reset(user: &User) -> bool {
    match Account::from(user.account.clone()) {
        Account::Active { .. } => true,
        Account::PendingVerify => user.provisioned,
        Account::Deactivated { .. } | Account::PendingDeletion { .. } => false,
    }
}

/// Queues the mail, if there is anybody to send it to.
pub(crate) struct ResetWorker {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) mails_per_hour: i64,
}

#[async_trait]
impl Worker for ResetWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Outcome {
        let payload = serde_json::from_value::<Payload>(job.payload.clone());
        let Some(email) = payload.ok().and_then(|payload| EmailAddress::parse(&payload.email).ok()) else {
            return Outcome::Dead { reason: "the payload holds no address".to_owned() };
        };
        let queue = async |tx: &mut SystemTx<'_>| -> Result<(), JobError> {
            if let Some(user) = user_by_email(tx, &email).await?.filter(may_reset) {
                let mail = NewMail::to(user.id, MailKind::ResetPassword);
                queue_mail(tx, &self.clock, &mail, self.mails_per_hour).await?;
            }
            job.complete(tx).await
        };
        super::outcome(self.pg.tx("password.reset-mail", queue).await)
    }
}
