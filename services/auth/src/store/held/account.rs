//! The account, and what its owner says of themselves.

use chrono::{DateTime, Utc};
use diesel::dsl::IsNotNull;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use serde_json::Value;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::PgError;

use crate::store::schema::{avatars, email_changes, erasures, registrations, users};

/// An account.
#[derive(Debug, Serialize, Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldAccount {
    id: UserId,
    email: String,
    name: String,
    #[diesel(select_expression = users::password_hash.is_not_null(), select_expression_type = IsNotNull<users::password_hash>)]
    has_password: bool,
    state: String,
    default_workspace: Option<WorkspaceId>,
    verified_at: Option<DateTime<Utc>>,
    deactivated_at: Option<DateTime<Utc>>,
    deletion_due_at: Option<DateTime<Utc>>,
    suspended: bool,
    provisioned: bool,
    locale: Option<String>,
    time_zone: Option<String>,
    preferences: Value,
    logins: i64,
    last_login_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A registration that was not verified.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = registrations)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldRegistration {
    name: String,
    created_at: DateTime<Utc>,
}

/// An address that somebody wants to have.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = email_changes)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldEmailChange {
    email: String,
    created_at: DateTime<Utc>,
}

diesel::define_sql_function! {
    /// How many bytes there are.
    fn octet_length(bytes: diesel::sql_types::Binary) -> diesel::sql_types::Integer;
}

/// A picture; the picture itself is at the address that the profile names.
#[derive(Debug, Serialize, Queryable)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldAvatar {
    size: i32,
    media_type: String,
    bytes: i32,
    created_at: DateTime<Utc>,
}

/// How far a service is with erasing.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = erasures)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldErasure {
    service: String,
    state: String,
    requested_at: DateTime<Utc>,
    asked_at: DateTime<Utc>,
    done_at: Option<DateTime<Utc>>,
    rows: Option<i64>,
}

pub(crate) async fn held_account(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Option<HeldAccount>, PgError> {
    let query = users::table.find(user).select(HeldAccount::as_select());
    Ok(query.first(conn).await.optional()?)
}

pub(crate) async fn held_registrations(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<HeldRegistration>, PgError> {
    let query = HeldRegistration::query().filter(registrations::user_id.eq(user)).order(registrations::id);
    Ok(query.load(conn).await?)
}

pub(crate) async fn held_email_change(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<HeldEmailChange>, PgError> {
    Ok(HeldEmailChange::query().filter(email_changes::user_id.eq(user)).load(conn).await?)
}

pub(crate) async fn held_avatars(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<HeldAvatar>, PgError> {
    let query = avatars::table.filter(avatars::user_id.eq(user)).order(avatars::size).select((
        avatars::size,
        avatars::media_type,
        octet_length(avatars::bytes),
        avatars::created_at,
    ));
    Ok(query.load(conn).await?)
}

pub(crate) async fn held_erasures(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<HeldErasure>, PgError> {
    let query = HeldErasure::query().filter(erasures::user_id.eq(user)).order(erasures::service);
    Ok(query.load(conn).await?)
}
