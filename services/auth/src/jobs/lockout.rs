//! Tells the owner of an account that somebody is guessing at it.
//!
//! Whether the address has an account is looked up here and not in the request.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use witan_clock::Clock;
use witan_jobs::{Job, JobError, NewJob, Outcome, Worker, enqueue};
use witan_pg::{Pg, PgError, SystemTx, Tx};

use super::mail::queue_mail;
use crate::audit::{Action, Audit, record};
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::handlers::client::Client;
use crate::mail::{MailKind, Topic};
use crate::store::mails::NewMail;
use crate::store::users::user_by_email;

const KIND: &str = "auth.lockout-notice";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    email: String,
    ip: String,
    user_agent: String,
    trace_id: String,
}

/// Orders the notice.
pub(crate) async fn order_notice(
    tx: &mut impl Tx,
    clock: &Clock,
    email: &EmailAddress,
    client: &Client,
) -> Result<(), PgError> {
    let Client { ip, user_agent, trace_id } = client.clone();
    let payload = Payload { email: email.as_str().to_owned(), ip, user_agent, trace_id };
    enqueue(tx, clock, NewJob::new(KIND, serde_json::json!(payload))).await.map(drop)
}

/// Queues the notice, if there is anybody to tell.
pub(crate) struct LockoutWorker {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) mails_per_hour: i64,
}

#[async_trait]
impl Worker for LockoutWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn run(&self, job: &Job) -> Outcome {
        let payload = serde_json::from_value::<Payload>(job.payload.clone()).ok();
        let parsed = payload.and_then(|payload| Some((EmailAddress::parse(&payload.email).ok()?, payload)));
        let Some((email, Payload { ip, user_agent, trace_id, .. })) = parsed else {
            return Outcome::Dead { reason: "the payload holds no address".to_owned() };
        };
        let client = Client { ip, user_agent, trace_id };
        let tell = async |tx: &mut SystemTx<'_>| -> Result<(), JobError> {
            self.tell(tx, &email, &client).await?;
            job.complete(tx).await
        };
        super::outcome(self.pg.tx("lockout.notice", tell).await)
    }
}

impl LockoutWorker {
    async fn tell(
        &self,
        tx: &mut SystemTx<'_>,
        email: &EmailAddress,
        client: &Client,
    ) -> Result<(), PgError> {
        let Some(user) = user_by_email(tx, email).await? else { return Ok(()) };
        let entry = Audit::anonymous(Action::AccountLocked, 0).to(user.id).by(client);
        record(tx, &self.clock, entry).await?;
        if !matches!(Account::from(user.account), Account::Active { .. }) {
            return Ok(());
        }
        // A network costs one mail at most, but there are many networks.
        let topic = Some(Topic::AccountLocked);
        let mail = NewMail { topic, ..NewMail::to(user.id, MailKind::SecurityNotice) };
        queue_mail(tx, &self.clock, &mail, self.mails_per_hour).await
    }
}
