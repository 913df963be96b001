//! A link that logs in, for whoever asked and has an account.
//!
//! As with every mailed link, whether the address has an account is looked up here and not in the request.

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

const KIND: &str = "auth.magic-link";

#[derive(Serialize, Deserialize)]
struct Payload {
    email: String,
}

/// Orders a link.
pub(crate) async fn order_magic_link(
    tx: &mut impl Tx,
    clock: &Clock,
    email: &EmailAddress,
) -> Result<(), PgError> {
    let payload = serde_json::json!(Payload { email: email.as_str().to_owned() });
    enqueue(tx, clock, NewJob::new(KIND, payload)).await.map(drop)
}

/// Whether a link may let its reader in: only into an account that is open. The address of one that waits for its proof
/// is proved by its verification alone.
pub(crate) fn may_enter(user: &User) -> bool {
    matches!(Account::from(user.account.clone()), Account::Active { .. })
}

/// Queues the mail, if there is anybody to send it to.
pub(crate) struct MagicLinkWorker {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) mails_per_hour: i64,
}

#[async_trait]
impl Worker for MagicLinkWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Outcome {
        let payload = serde_json::from_value::<Payload>(job.payload.clone());
        let Some(email) = payload.ok().and_then(|payload| EmailAddress::parse(&payload.email).ok()) else {
            return Outcome::Dead { reason: "the payload holds no address".to_owned() };
        };
        let queue = async |tx: &mut SystemTx<'_>| -> Result<(), JobError> {
            if let Some(user) = user_by_email(tx, &email).await?.filter(may_enter) {
                let mail = NewMail::to(user.id, MailKind::MagicLink);
                queue_mail(tx, &self.clock, &mail, self.mails_per_hour).await?;
            }
            job.complete(tx).await
        };
        super::outcome(self.pg.tx("magic-link.mail", queue).await)
    }
}
