//! What was noted while the account was used.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use witan_ids::{MailId, SessionId, UserId};
use witan_pg::PgError;
use witan_web::Lines;

use crate::store::mails::lower;
use crate::store::schema::{challenges, email_tokens, mails, outside_cutoffs, sessions, users};

/// A log-in.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = sessions)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldSession {
    pub(crate) id: SessionId,
    user_agent: String,
    ip: String,
    methods: Vec<String>,
    issuer: Option<String>,
    subject: Option<String>,
    issuer_session: Option<String>,
    created_at: DateTime<Utc>,
    authenticated_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    #[serde(rename = "refreshedAt")]
    spent: Vec<DateTime<Utc>>,
    idle_expires_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    access_expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    revoked_reason: Option<String>,
}

/// Until when tokens of an account elsewhere open nothing any longer.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = outside_cutoffs)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldCutoff {
    issuer: String,
    subject: String,
    issued_until: DateTime<Utc>,
}

/// A mail to the person.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = mails)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldMail {
    pub(crate) id: MailId,
    #[serde(rename = "mailKind")]
    kind: String,
    topic: Option<String>,
    recipient: Option<String>,
    state: String,
    attempts: i32,
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
}

/// A mailed link that was not used.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = email_tokens)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldLink {
    purpose: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

/// What the person was asked to prove and has not proved.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = challenges)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldChallenge {
    purpose: String,
    methods: Vec<String>,
    expires_at: DateTime<Utc>,
}

/// A page, those after `after`.
pub(crate) async fn held_sessions(
    conn: &mut AsyncPgConnection,
    user: UserId,
    after: SessionId,
) -> Result<Vec<HeldSession>, PgError> {
    let own = HeldSession::query().filter(sessions::user_id.eq(user)).filter(sessions::id.gt(after));
    Ok(own.order(sessions::id).limit(Lines::PAGE).load(conn).await?)
}

/// A page, those after `after`; also those that were ordered for the address, whoever has it.
pub(crate) async fn held_mails(
    conn: &mut AsyncPgConnection,
    user: UserId,
    after: MailId,
) -> Result<Vec<HeldMail>, PgError> {
    let address = users::table.find(user).select(users::email_key).single_value();
    let ordered = mails::user_id.is_null().and(lower(mails::recipient).eq(address));
    let concerns = mails::user_id.eq(user).or(ordered);
    let own = HeldMail::query().filter(concerns).filter(mails::id.gt(after));
    Ok(own.order(mails::id).limit(Lines::PAGE).load(conn).await?)
}

/// There are few: they end within days.
pub(crate) async fn held_links(conn: &mut AsyncPgConnection, user: UserId) -> Result<Vec<HeldLink>, PgError> {
    let own = HeldLink::query().filter(email_tokens::user_id.eq(user));
    Ok(own.order(email_tokens::created_at).load(conn).await?)
}

/// There are few: they end within minutes.
pub(crate) async fn held_challenges(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<HeldChallenge>, PgError> {
    let own = HeldChallenge::query().filter(challenges::user_id.eq(user));
    Ok(own.order(challenges::expires_at).load(conn).await?)
}

/// There are few: one for each account elsewhere.
pub(crate) async fn held_cutoffs(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<HeldCutoff>, PgError> {
    let own = HeldCutoff::query().filter(outside_cutoffs::user_id.eq(user));
    Ok(own.order((outside_cutoffs::issuer, outside_cutoffs::subject)).load(conn).await?)
}
