//! Mails that were queued, and what became of them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;
use witan_ids::{MailId, UserId};
use witan_pg::{PgError, Tx, expect_one};

use super::schema::{mails, users};
use crate::domain::email::EmailAddress;
use crate::mail::{MailKind, Topic};

diesel::define_sql_function! {
    /// In small letters.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

/// A mail that was queued.
#[derive(Debug, HasQuery)]
#[diesel(table_name = mails)]
pub(crate) struct MailRow {
    pub(crate) id: MailId,
    /// Whom it concerns; nobody where it is for an address alone.
    pub(crate) user_id: Option<UserId>,
    pub(crate) registration_id: Option<Uuid>,
    pub(crate) kind: String,
    pub(crate) topic: Option<String>,
    pub(crate) recipient: Option<String>,
    pub(crate) state: String,
    /// What is to be said in it, until it is settled.
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) created_at: DateTime<Utc>,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy)]
pub(crate) enum MailState {
    Queued,
    Sent,
    Failed,
    /// Not sent, because its recipient got enough of them.
    Suppressed,
}

impl MailState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
            Self::Suppressed => "SUPPRESSED",
        }
    }
}

impl MailState {
    /// The state of a stored name; the table holds no others.
    pub(crate) fn parse(text: &str) -> Self {
        let states = [Self::Sent, Self::Failed, Self::Suppressed];
        states.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Queued)
    }
}

/// A mail as those see it who run the installation.
#[derive(Debug, Queryable)]
pub(crate) struct MailSummary {
    pub(crate) id: MailId,
    pub(crate) user_id: Option<UserId>,
    pub(crate) kind: String,
    pub(crate) topic: Option<String>,
    /// Where it goes, if not to the account's address.
    pub(crate) recipient: Option<String>,
    /// The account's address, where it concerns an account.
    pub(crate) email: Option<String>,
    pub(crate) state: String,
    pub(crate) attempts: i32,
    pub(crate) last_error: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) settled_at: Option<DateTime<Utc>>,
}

/// Which mails are wanted.
#[derive(Debug, Default)]
pub(crate) struct MailFilter {
    pub(crate) recipient: Option<EmailAddress>,
    pub(crate) kind: Option<MailKind>,
    pub(crate) state: Option<MailState>,
}

/// A mail to be queued.
#[derive(Debug, Clone)]
pub(crate) struct NewMail {
    /// Whom it concerns.
    pub(crate) user: UserId,
    pub(crate) kind: MailKind,
    /// What a security notice is about.
    pub(crate) topic: Option<Topic>,
    /// Where it goes, if not to the address that the account has when it is sent.
    pub(crate) recipient: Option<String>,
    /// Whose address it proves.
    pub(crate) registration: Option<Uuid>,
    /// What is to be said in it, until it is settled.
    pub(crate) sealed: Option<Vec<u8>>,
}

impl NewMail {
    /// A mail to the account's own address.
    pub(crate) fn to(user: UserId, kind: MailKind) -> Self {
        Self { user, kind, topic: None, recipient: None, registration: None, sealed: None }
    }
}

pub(crate) async fn mail_insert(
    tx: &mut impl Tx,
    id: MailId,
    mail: &NewMail,
    state: MailState,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (
        mails::id.eq(id),
        mails::user_id.eq(mail.user),
        mails::registration_id.eq(mail.registration),
        mails::kind.eq(mail.kind.as_str()),
        mails::topic.eq(mail.topic.map(Topic::as_str)),
        mails::recipient.eq(&mail.recipient),
        mails::state.eq(state.as_str()),
        mails::created_at.eq(now),
        mails::sealed.eq(&mail.sealed),
    );
    diesel::insert_into(mails::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// A mail that another service ordered.
#[derive(Debug)]
pub(crate) struct OrderedMail {
    pub(crate) id: MailId,
    pub(crate) kind: MailKind,
    pub(crate) recipient: EmailAddress,
    /// Under this it is ordered once.
    pub(crate) dedupe_key: String,
    /// What is to be said in it.
    pub(crate) sealed: Vec<u8>,
}

/// Writes the mail down, unless it was ordered before; says whether it was new.
pub(crate) async fn mail_order(
    tx: &mut impl Tx,
    mail: &OrderedMail,
    state: MailState,
    now: DateTime<Utc>,
) -> Result<bool, PgError> {
    let queued = matches!(state, MailState::Queued);
    let row = (
        mails::id.eq(mail.id),
        mails::kind.eq(mail.kind.as_str()),
        mails::recipient.eq(mail.recipient.as_str()),
        mails::state.eq(state.as_str()),
        mails::created_at.eq(now),
        mails::settled_at.eq((!queued).then_some(now)),
        mails::dedupe_key.eq(&mail.dedupe_key),
        mails::sealed.eq(queued.then_some(&mail.sealed)),
    );
    let insert = diesel::insert_into(mails::table).values(row).on_conflict(mails::dedupe_key).do_nothing();
    Ok(insert.execute(tx.conn()).await? == 1)
}

pub(crate) async fn mail_by_id(tx: &mut impl Tx, id: MailId) -> Result<Option<MailRow>, PgError> {
    Ok(MailRow::query().find(id).first(tx.conn()).await.optional()?)
}

/// Mails, newest first, those after `after` only.
pub(crate) async fn mail_list(
    conn: &mut AsyncPgConnection,
    filter: &MailFilter,
    after: Option<MailId>,
    rows: i64,
) -> Result<Vec<MailSummary>, PgError> {
    let columns = (
        mails::id,
        mails::user_id,
        mails::kind,
        mails::topic,
        mails::recipient,
        users::email.nullable(),
        mails::state,
        mails::attempts,
        mails::last_error,
        mails::created_at,
        mails::settled_at,
    );
    let mut query = mails::table.left_join(users::table).select(columns).into_boxed();
    if let Some(address) = &filter.recipient {
        let by_name = lower(mails::recipient).eq(address.key().to_owned());
        let by_account =
            mails::recipient.is_null().and(users::email_key.nullable().eq(address.key().to_owned()));
        query = query.filter(by_name.or(by_account));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(mails::kind.eq(kind.as_str()));
    }
    if let Some(state) = filter.state {
        query = query.filter(mails::state.eq(state.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(mails::id.lt(after));
    }
    Ok(query.order(mails::id.desc()).limit(rows).load(conn).await?)
}

/// How many mails a user was sent, or is about to be, since `since`.
pub(crate) async fn mail_count_since(
    tx: &mut impl Tx,
    user: UserId,
    since: DateTime<Utc>,
) -> Result<i64, PgError> {
    let recent = mails::table
        .filter(mails::user_id.eq(user))
        .filter(mails::created_at.gt(since))
        .filter(mails::state.ne(MailState::Suppressed.as_str()));
    Ok(recent.count().get_result(tx.conn()).await?)
}

/// How many mails an address was sent by its own name, whomever they concern, or is about to be, since `since`.
pub(crate) async fn mail_count_to(
    tx: &mut impl Tx,
    recipient: &str,
    since: DateTime<Utc>,
) -> Result<i64, PgError> {
    let recent = mails::table
        .filter(mails::recipient.eq(recipient))
        .filter(mails::created_at.gt(since))
        .filter(mails::state.ne(MailState::Suppressed.as_str()));
    Ok(recent.count().get_result(tx.conn()).await?)
}

/// How many mails a mailbox was sent by its own name, however it was spelt, or is about to be, since `since`.
pub(crate) async fn mail_count_to_mailbox(
    tx: &mut impl Tx,
    recipient: &EmailAddress,
    since: DateTime<Utc>,
) -> Result<i64, PgError> {
    let recent = mails::table
        .filter(lower(mails::recipient).eq(recipient.key()))
        .filter(mails::created_at.gt(since))
        .filter(mails::state.ne(MailState::Suppressed.as_str()));
    Ok(recent.count().get_result(tx.conn()).await?)
}

/// Records an attempt to send and where it led.
pub(crate) async fn mail_settle(
    tx: &mut impl Tx,
    id: MailId,
    state: MailState,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let settled = !matches!(state, MailState::Queued);
    // In one statement: a second one on the same row would have its foreign keys looked up, and so wait for whoever redeems
    // the mail's token, who waits for this row.
    let update = diesel::update(mails::table.find(id)).set((
        mails::state.eq(state.as_str()),
        mails::attempts.eq(mails::attempts + 1),
        mails::last_error.eq(error),
        mails::settled_at.eq(settled.then_some(now)),
        settled.then_some(mails::sealed.eq(None::<Vec<u8>>)),
    ));
    expect_one(update.execute(tx.conn()).await?)
}

/// Forgets up to `most` mails queued before `before`; says how many there were.
pub(crate) async fn mail_purge(tx: &mut impl Tx, before: DateTime<Utc>, most: i64) -> Result<usize, PgError> {
    let old = mails::table.filter(mails::created_at.lt(before)).select(mails::id).limit(most);
    let ids: Vec<MailId> = old.for_update().skip_locked().load(tx.conn()).await?;
    Ok(diesel::delete(mails::table.filter(mails::id.eq_any(ids))).execute(tx.conn()).await?)
}
