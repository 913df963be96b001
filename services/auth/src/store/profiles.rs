//! What people say of themselves, and what is counted of them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use witan_ids::UserId;
use witan_pg::{PgError, Tx, expect_one, prepared};

use super::schema::{api_keys, avatars, sessions, users};
use super::users::User;
use crate::domain::account::Account;

/// The part of an account that its owner may change at will.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct Profile {
    #[diesel(embed)]
    pub(crate) user: User,
    pub(crate) locale: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) preferences: Value,
    pub(crate) logins: i64,
    pub(crate) last_login_at: Option<DateTime<Utc>>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// How much of the account is in use, and its picture.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct Usage {
    pub(crate) sessions: i64,
    pub(crate) api_keys: i64,
    pub(crate) avatar: Option<String>,
}

/// What changes; `None` stays. Only the outer one of two: the inner one is a value that is not known.
#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = users)]
pub(crate) struct ProfileChanges {
    pub(crate) name: Option<String>,
    pub(crate) locale: Option<Option<String>>,
    pub(crate) time_zone: Option<Option<String>>,
    pub(crate) preferences: Option<Value>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

pub(crate) async fn profile_find(
    conn: &mut AsyncPgConnection,
    id: UserId,
) -> Result<Option<Profile>, PgError> {
    Ok(users::table.find(id).select(Profile::as_select()).first(conn).await.optional()?)
}

/// The same, holding the row until the transaction ends.
pub(crate) async fn profile_lock(tx: &mut impl Tx, id: UserId) -> Result<Option<Profile>, PgError> {
    let row = users::table.find(id).select(Profile::as_select()).for_update();
    Ok(row.first(tx.conn()).await.optional()?)
}

pub(crate) async fn profile_update(
    tx: &mut impl Tx,
    id: UserId,
    changes: &ProfileChanges,
) -> Result<(), PgError> {
    expect_one(diesel::update(users::table.find(id)).set(changes).execute(tx.conn()).await?)
}

/// Live sessions, good keys, and the version of the picture.
pub(crate) async fn profile_usage(
    conn: &mut AsyncPgConnection,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<Usage, PgError> {
    let live = sessions::table
        .filter(sessions::user_id.eq(id))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::idle_expires_at.gt(now));
    let good = api_keys::table
        .filter(api_keys::user_id.eq(id))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.gt(now));
    let avatar = avatars::table.filter(avatars::user_id.eq(id)).select(avatars::version).limit(1);
    Ok(Usage {
        sessions: live.count().get_result(conn).await?,
        api_keys: good.count().get_result(conn).await?,
        avatar: avatar.first(conn).await.optional()?,
    })
}

/// Counts a log-in, if the account is open, and says whether it is. The row is held until the transaction ends: log-ins
/// of one user take turns from here on, and none slips in while the account is being closed.
pub(crate) async fn profile_count_login(
    tx: &mut impl Tx,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<bool, PgError> {
    let open = users::table.find(id).filter(users::state.eq(Account::ACTIVE));
    let values = (users::logins.eq(users::logins + 1), users::last_login_at.eq(now));
    Ok(prepared(diesel::update(open).set(values)).execute(tx.conn()).await? == 1)
}
