//! What opens the account, without what it is opened with.

use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use witan_ids::{ApiKeyId, IdentityId, PasskeyId, UserId, WorkspaceId};
use witan_pg::PgError;
use witan_web::Lines;

use crate::store::schema::{api_keys, factor_attempts, identities, passkeys, recovery_codes, totp_factors};

/// An account at another provider.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = identities)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldIdentity {
    pub(crate) id: IdentityId,
    issuer: String,
    subject: String,
    email: Option<String>,
    linked_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
}

/// A key of the person, or one that they made for a workspace.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = api_keys)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldApiKey {
    pub(crate) id: ApiKeyId,
    prefix: String,
    #[serde(rename = "workspaceId")]
    workspace: Option<WorkspaceId>,
    name: String,
    scopes: Vec<String>,
    methods: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    revoked_reason: Option<String>,
}

/// A passkey.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = passkeys)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldPasskey {
    pub(crate) id: PasskeyId,
    name: String,
    transports: Vec<String>,
    backup_eligible: bool,
    backed_up: bool,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

/// An authenticator app.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = totp_factors)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldTotp {
    created_at: DateTime<Utc>,
    confirmed_at: Option<DateTime<Utc>>,
}

/// How many codes on paper there are.
#[derive(Debug, Serialize, Queryable)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldRecoveryCodes {
    left: i64,
    made_at: Option<DateTime<Utc>>,
}

/// Wrong codes since the last right one.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = factor_attempts)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldFactorAttempts {
    failed: i32,
    closed_until: Option<DateTime<Utc>>,
}

/// A page, those after `after`.
pub(crate) async fn held_identities(
    conn: &mut AsyncPgConnection,
    user: UserId,
    after: IdentityId,
) -> Result<Vec<HeldIdentity>, PgError> {
    let own = HeldIdentity::query().filter(identities::user_id.eq(user)).filter(identities::id.gt(after));
    Ok(own.order(identities::id).limit(Lines::PAGE).load(conn).await?)
}

/// A page, those after `after`.
pub(crate) async fn held_api_keys(
    conn: &mut AsyncPgConnection,
    user: UserId,
    after: ApiKeyId,
) -> Result<Vec<HeldApiKey>, PgError> {
    let own = HeldApiKey::query()
        .filter(api_keys::user_id.eq(user).or(api_keys::created_by.nullable().eq(user)))
        .filter(api_keys::id.gt(after));
    Ok(own.order(api_keys::id).limit(Lines::PAGE).load(conn).await?)
}

/// A page of a workspace's keys, those after `after`.
pub(crate) async fn kept_api_keys(
    conn: &mut AsyncPgConnection,
    workspace: WorkspaceId,
    after: ApiKeyId,
) -> Result<Vec<HeldApiKey>, PgError> {
    let own = HeldApiKey::query().filter(api_keys::workspace.eq(workspace)).filter(api_keys::id.gt(after));
    Ok(own.order(api_keys::id).limit(Lines::PAGE).load(conn).await?)
}

/// A page, those after `after`.
pub(crate) async fn held_passkeys(
    conn: &mut AsyncPgConnection,
    user: UserId,
    after: PasskeyId,
) -> Result<Vec<HeldPasskey>, PgError> {
    let own = HeldPasskey::query().filter(passkeys::user_id.eq(user)).filter(passkeys::id.gt(after));
    Ok(own.order(passkeys::id).limit(Lines::PAGE).load(conn).await?)
}

pub(crate) async fn held_totp(conn: &mut AsyncPgConnection, user: UserId) -> Result<Vec<HeldTotp>, PgError> {
    Ok(HeldTotp::query().filter(totp_factors::user_id.eq(user)).load(conn).await?)
}

pub(crate) async fn held_recovery_codes(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Option<HeldRecoveryCodes>, PgError> {
    let own = recovery_codes::table.filter(recovery_codes::user_id.eq(user));
    let counted: HeldRecoveryCodes =
        own.select((count_star(), max(recovery_codes::created_at))).get_result(conn).await?;
    Ok(Some(counted).filter(|codes| codes.left > 0))
}

pub(crate) async fn held_factor_attempts(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<HeldFactorAttempts>, PgError> {
    Ok(HeldFactorAttempts::query().filter(factor_attempts::user_id.eq(user)).load(conn).await?)
}
