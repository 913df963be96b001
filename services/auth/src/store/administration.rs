//! Accounts as administrators see them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_ids::UserId;
use witan_pg::{PgError, Tx, expect_one};

use super::schema::users;
use super::users::User;
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::name::DisplayName;

/// An account with what administrators look at.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct Administered {
    #[diesel(embed)]
    pub(crate) user: User,
    pub(crate) last_login_at: Option<DateTime<Utc>>,
}

/// Which accounts to list.
#[derive(Debug, Default)]
pub(crate) struct UserFilter {
    /// A part of the address or of the name.
    pub(crate) search: Option<String>,
    /// The name of a state.
    pub(crate) state: Option<&'static str>,
}

/// Newest first.
pub(crate) async fn administered_list(
    conn: &mut AsyncPgConnection,
    filter: &UserFilter,
    before: Option<UserId>,
    rows: i64,
) -> Result<Vec<Administered>, PgError> {
    let mut query = users::table.select(Administered::as_select()).into_boxed();
    if let Some(search) = &filter.search {
        let pattern = contains(search);
        query = query.filter(users::email.ilike(pattern.clone()).or(users::name.ilike(pattern)));
    }
    if let Some(state) = filter.state {
        query = query.filter(users::state.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(users::id.lt(before));
    }
    Ok(query.order(users::id.desc()).limit(rows).load(conn).await?)
}

pub(crate) async fn administered_find(
    conn: &mut AsyncPgConnection,
    id: UserId,
) -> Result<Option<Administered>, PgError> {
    Ok(users::table.find(id).select(Administered::as_select()).first(conn).await.optional()?)
}

/// Makes an account whose address is proved by the link that sets its password; adopts one that waits for its proof.
/// `None` when the address has another.
pub(crate) async fn administered_insert(
    tx: &mut impl Tx,
    id: UserId,
    email: &EmailAddress,
    name: &DisplayName,
    now: DateTime<Utc>,
) -> Result<Option<UserId>, PgError> {
    let row = (
        users::id.eq(id),
        users::email.eq(email.as_str()),
        users::email_key.eq(email.key()),
        users::name.eq(name.as_str()),
        users::state.eq(Account::PendingVerify.state()),
        users::provisioned.eq(true),
        users::created_at.eq(now),
        users::updated_at.eq(now),
    );
    let insert = diesel::insert_into(users::table).values(row).on_conflict(users::email_key).do_nothing();
    let made = insert.returning(users::id).get_result(tx.conn()).await.optional()?;
    if made.is_some() {
        return Ok(made);
    }
    let waiting = users::table
        .filter(users::email_key.eq(email.key()))
        .filter(users::state.eq(Account::PendingVerify.state()))
        .filter(users::provisioned.eq(false));
    let values = (users::provisioned.eq(true), users::name.eq(name.as_str()), users::updated_at.eq(now));
    let adopt = diesel::update(waiting).set(values).returning(users::id);
    Ok(adopt.get_result(tx.conn()).await.optional()?)
}

pub(crate) async fn administered_rename(
    tx: &mut impl Tx,
    id: UserId,
    name: &DisplayName,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let values = (users::name.eq(name.as_str()), users::updated_at.eq(now));
    expect_one(diesel::update(users::table.find(id)).set(values).execute(tx.conn()).await?)
}

/// A pattern that finds `text` anywhere, with nothing in it that LIKE would read as a wild card.
fn contains(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    format!("%{escaped}%")
}
