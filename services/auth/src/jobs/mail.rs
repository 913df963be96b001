//! Sending mails.
//!
//! A mail is a row and a job, stored with the change that caused it; the mail server's delay or absence is never
//! felt by a request. The job holds no address and no secret: the recipient is looked up, and a link's token made, when
//! the mail is written. So a token exists in the mail and, as a digest, in the table. A worker that dies
//! between handing the mail over and recording that sends it twice, under one Message-ID; a token of a mail that
//! was never handed over is known to nobody.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use witan_clock::Clock;
use witan_ids::{MailId, UserId};
use witan_jobs::{Job, NewJob, Outcome, Worker, enqueue};
use witan_pg::{Cipher, Pg, PgError, SystemTx, Tx};

use super::change_email::is_wanted;
use super::magic_link::may_enter;
use super::ordered;
use super::reset::may_reset;
use crate::config::AuthConfig;
use crate::domain::account::Account;
use crate::domain::mailed_token::{MailedToken, Purpose};
use crate::mail::{Content, InvitationLetter, MailError, MailKind, OutgoingMail, Topic, Transport};
use crate::store::email_tokens::{NewToken, email_token_delete_purpose, email_token_insert};
use crate::store::mails::{
    MailRow, MailState, NewMail, mail_by_id, mail_count_since, mail_insert, mail_settle,
};
use crate::store::users::{User, user_by_id, user_lock};
use crate::templates::Templates;

const KIND: &str = "mail.send";
/// Attempts before a mail is given up; with the delays below that is about a day.
const MAX_ATTEMPTS: i32 = 12;
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_secs(4 * 3600);

/// How long the link works that opens a closed account.
const RESTORE_TTL: TimeDelta = TimeDelta::days(30);

fn closed_by_owner(account: &Account) -> bool {
    matches!(account, Account::Deactivated { suspended: false, .. })
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    mail_id: MailId,
}

/// Queues a mail, unless its recipient got `per_hour` lately: then somebody must be playing with them.
pub(crate) async fn queue_mail(
    tx: &mut impl Tx,
    clock: &Clock,
    mail: &NewMail,
    per_hour: i64,
) -> Result<(), PgError> {
    queue_mail_as(tx, clock, MailId::generate(clock), mail, per_hour).await
}

/// The same under an id that is known before.
pub(super) async fn queue_mail_as(
    tx: &mut impl Tx,
    clock: &Clock,
    id: MailId,
    mail: &NewMail,
    per_hour: i64,
) -> Result<(), PgError> {
    let now = clock.now();
    let recent = mail_count_since(tx, mail.user, now - TimeDelta::hours(1)).await?;
    let state = if recent < per_hour { MailState::Queued } else { MailState::Suppressed };
    mail_insert(tx, id, mail, state, now).await?;
    if matches!(state, MailState::Queued) {
        enqueue_sending(tx, clock, id).await?;
    }
    Ok(())
}

/// Has a queued mail sent.
pub(super) async fn enqueue_sending(tx: &mut impl Tx, clock: &Clock, id: MailId) -> Result<(), PgError> {
    let job = NewJob::new(KIND, serde_json::json!(Payload { mail_id: id })).max_attempts(MAX_ATTEMPTS);
    enqueue(tx, clock, job).await.map(drop)
}

/// Queues a notice that its recipient must get, however many mails there were: a burst of others must not hide it.
pub(crate) async fn queue_notice(
    tx: &mut impl Tx,
    clock: &Clock,
    user: UserId,
    kind: MailKind,
) -> Result<(), PgError> {
    queue_mail(tx, clock, &NewMail::to(user, kind), i64::MAX).await
}

/// Queues a notice of something that happened to the account. It goes to `recipient`, or to the account's address.
pub(crate) async fn queue_security_notice(
    tx: &mut impl Tx,
    clock: &Clock,
    user: UserId,
    topic: Topic,
    recipient: Option<String>,
) -> Result<(), PgError> {
    let mail = NewMail { topic: Some(topic), recipient, ..NewMail::to(user, MailKind::SecurityNotice) };
    queue_mail(tx, clock, &mail, i64::MAX).await
}

/// Writes mails and hands them over.
pub(crate) struct MailWorker {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) cipher: Cipher,
    pub(crate) config: Arc<AuthConfig>,
    pub(crate) templates: Arc<Templates>,
    pub(crate) transport: Transport,
}

/// What stands between a queued mail and its delivery.
enum Prepared {
    Ready(OutgoingMail),
    /// It is settled, or nobody needs it any longer.
    Needless,
}

#[async_trait]
impl Worker for MailWorker {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn concurrency(&self) -> usize {
        4
    }

    async fn run(&self, job: &Job) -> Outcome {
        let Ok(Payload { mail_id }) = serde_json::from_value(job.payload.clone()) else {
            return Outcome::Dead { reason: "the payload names no mail".to_owned() };
        };
        let prepare = async |tx: &mut SystemTx<'_>| self.prepare(tx, mail_id).await;
        let delivered = match self.pg.tx("mail.prepare", prepare).await {
            Ok(Prepared::Ready(mail)) => self.transport.deliver(&self.config.mail.from, &mail).await,
            Ok(Prepared::Needless) => return Outcome::Done,
            Err(error) => return super::outcome(Err(error.into())),
        };
        self.settle(job, mail_id, delivered).await
    }
}

impl MailWorker {
    async fn prepare(&self, tx: &mut SystemTx<'_>, id: MailId) -> Result<Prepared, PgError> {
        let Some(mail) = mail_by_id(tx, id).await? else { return Ok(Prepared::Needless) };
        if mail.state != MailState::Queued.as_str() {
            return Ok(Prepared::Needless);
        }
        let (content, address) = match mail.user_id {
            Some(user) => {
                let Some(user) = user_by_id(tx.conn(), user).await? else { return Ok(Prepared::Needless) };
                (self.content(tx, &mail, &user).await?, Some(user.email))
            }
            None => (self.ordered_content(&mail), None),
        };
        let (Some(content), Some(to)) = (content, mail.recipient.or(address)) else {
            mail_settle(tx, id, MailState::Suppressed, None, self.clock.now()).await?;
            return Ok(Prepared::Needless);
        };
        Ok(Prepared::Ready(OutgoingMail { id, to, content, at: mail.created_at }))
    }

    /// `None` when nobody can use it any longer.
    fn ordered_content(&self, mail: &MailRow) -> Option<Content> {
        let letter: InvitationLetter = ordered::open(&self.cipher, mail, MailKind::Invitation)?;
        let page = &self.config.mail.invitation_page;
        let wanted = letter.expires_at > self.clock.now();
        let content = wanted.then(|| Content::invitation(&self.templates, page, &letter))?;
        content.inspect_err(|error| tracing::error!(%error, mail = %mail.id, "a mail does not render")).ok()
    }

    /// `None` when the mail has become pointless. Templates are proved by tests; one that still fails is logged
    /// and its mail given up.
    async fn content(
        &self,
        tx: &mut SystemTx<'_>,
        mail: &MailRow,
        user: &User,
    ) -> Result<Option<Content>, PgError> {
        let account = Account::from(user.account.clone());
        let pending = account == Account::PendingVerify;
        let rendered = match (MailKind::parse(&mail.kind), mail.registration_id) {
            (Some(MailKind::AlreadyRegistered), _) => Content::already_registered(&self.templates),
            (Some(MailKind::VerifyEmail), Some(registration)) if pending => {
                let token = MailedToken::generate(&self.clock);
                let ttl = self.config.verification_ttl;
                self.remember(tx, &token, Purpose::VerifyEmail, user, Some(registration), ttl).await?;
                Content::verify_email(&self.templates, &token, ttl.num_hours())
            }
            (Some(MailKind::ResetPassword), _) if may_reset(user) => {
                let token = MailedToken::generate(&self.clock);
                let ttl = self.config.reset_ttl;
                self.remember(tx, &token, Purpose::ResetPassword, user, None, ttl).await?;
                Content::reset_password(&self.templates, &token, ttl.num_minutes())
            }
            (Some(MailKind::ChangeEmail), _) => {
                let per_hour = self.config.mail.per_hour;
                if !is_wanted(tx, &self.clock, mail, user, per_hour).await? {
                    return Ok(None);
                }
                let token = MailedToken::generate(&self.clock);
                let ttl = self.config.verification_ttl;
                self.remember(tx, &token, Purpose::ChangeEmail, user, None, ttl).await?;
                Content::change_email(&self.templates, &token, ttl.num_hours())
            }
            (Some(MailKind::MagicLink), _) if may_enter(user) => {
                let token = MailedToken::generate(&self.clock);
                let ttl = self.config.magic_link_ttl;
                // Links of one account take turns, so that the newest is the one that works.
                user_lock(tx, user.id).await?;
                email_token_delete_purpose(tx, user.id, Purpose::MagicLink).await?;
                self.remember(tx, &token, Purpose::MagicLink, user, None, ttl).await?;
                Content::magic_link(&self.templates, &token, ttl.num_minutes())
            }
            (Some(MailKind::AccountCreated), _) if pending && may_reset(user) => {
                let token = MailedToken::generate(&self.clock);
                let ttl = self.config.verification_ttl;
                self.remember(tx, &token, Purpose::ResetPassword, user, None, ttl).await?;
                Content::account_created(&self.templates, &token, ttl.num_hours())
            }
            (Some(MailKind::AccountDeactivated), _) if closed_by_owner(&account) => {
                let token = MailedToken::generate(&self.clock);
                self.remember(tx, &token, Purpose::RestoreAccount, user, None, RESTORE_TTL).await?;
                Content::account_deactivated(&self.templates, &token)
            }
            (Some(MailKind::DeletionRequested), _) => {
                let Account::PendingDeletion { due_at, suspended: false, .. } = account else {
                    return Ok(None);
                };
                let token = MailedToken::generate(&self.clock);
                let ttl = due_at - self.clock.now();
                self.remember(tx, &token, Purpose::RestoreAccount, user, None, ttl).await?;
                Content::deletion_requested(&self.templates, &token, &due_at.format("%-d %B %Y").to_string())
            }
            (Some(MailKind::PasswordChanged), _) => Content::password_changed(&self.templates),
            (Some(MailKind::RefreshReuse), _) => Content::refresh_reuse(&self.templates),
            (Some(kind @ MailKind::EndpointDisabled), _) => {
                let Some(letter) = ordered::open(&self.cipher, mail, kind) else { return Ok(None) };
                Content::endpoint_disabled(&self.templates, &letter)
            }
            (Some(MailKind::SecurityNotice), _) => {
                let Some(topic) = mail.topic.as_deref().and_then(Topic::parse) else { return Ok(None) };
                Content::security_notice(&self.templates, topic)
            }
            _ => return Ok(None),
        };
        Ok(rendered
            .inspect_err(|error| tracing::error!(%error, mail = %mail.id, "a mail does not render"))
            .ok())
    }

    async fn remember(
        &self,
        tx: &mut SystemTx<'_>,
        token: &MailedToken,
        purpose: Purpose,
        user: &User,
        registration: Option<Uuid>,
        ttl: TimeDelta,
    ) -> Result<(), PgError> {
        let now = self.clock.now();
        let new = NewToken { token, purpose, user: user.id, registration, expires_at: now + ttl };
        email_token_insert(tx, &new, now).await
    }

    async fn settle(&self, job: &Job, id: MailId, delivered: Result<(), MailError>) -> Outcome {
        let (state, outcome) = match &delivered {
            Ok(()) => (MailState::Sent, Outcome::Done),
            Err(error @ MailError::Transient(_)) if job.attempt < job.max_attempts => {
                let after = FIRST_RETRY.saturating_mul(1 << job.attempt.clamp(0, 16)).min(LONGEST_RETRY);
                (MailState::Queued, Outcome::Retry { after, reason: error.to_string() })
            }
            Err(error) => (MailState::Failed, Outcome::Dead { reason: error.to_string() }),
        };
        let reason = delivered.err().map(|error| error.to_string());
        let record = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> {
            mail_settle(tx, id, state, reason.as_deref(), self.clock.now()).await
        };
        match self.pg.tx("mail.settle", record).await {
            Ok(()) => outcome,
            Err(error) => super::outcome(Err(error.into())),
        }
    }
}
