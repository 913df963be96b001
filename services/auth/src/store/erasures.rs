//! What became of the data of people who left.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;
use witan_ids::UserId;
use witan_pg::{PgError, Tx};

use super::mails::lower;
use super::schema::{api_keys, erasures, mails, users};
use crate::domain::erasure::{OWN, SERVICES};

/// Most accounts of one pass.
const BATCH: i64 = 100;
const REQUESTED: &str = "REQUESTED";
const DONE: &str = "DONE";
/// Who made a key, once nobody may know any longer.
const NOBODY: UserId = UserId::from_uuid(Uuid::nil());

/// How far one service is.
#[derive(Debug, HasQuery)]
#[diesel(table_name = erasures)]
pub(crate) struct ErasureRow {
    pub(crate) service: String,
    pub(crate) state: String,
    pub(crate) requested_at: DateTime<Utc>,
    pub(crate) asked_at: DateTime<Utc>,
    pub(crate) done_at: Option<DateTime<Utc>>,
    pub(crate) rows: Option<i64>,
}

/// Accounts whose grace is over and whose erasure has not begun. Their rows are held until the transaction ends.
pub(crate) async fn erasure_due(tx: &mut impl Tx, now: DateTime<Utc>) -> Result<Vec<UserId>, PgError> {
    let begun = erasures::table.filter(erasures::user_id.eq(users::id));
    let due = users::table
        .filter(users::state.eq("PENDING_DELETION"))
        .filter(users::deletion_due_at.le(now))
        .filter(diesel::dsl::not(diesel::dsl::exists(begun)))
        .order(users::id)
        .limit(BATCH)
        .select(users::id)
        .for_update()
        .skip_locked();
    Ok(due.load(tx.conn()).await?)
}

/// Notes that everybody is asked.
pub(crate) async fn erasure_begin(tx: &mut impl Tx, user: UserId, now: DateTime<Utc>) -> Result<(), PgError> {
    let services = SERVICES.into_iter().chain([OWN]);
    let rows: Vec<_> = services
        .map(|service| {
            (
                erasures::user_id.eq(user),
                erasures::service.eq(service),
                erasures::state.eq(REQUESTED),
                erasures::requested_at.eq(now),
                erasures::asked_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(erasures::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

/// People of whom some service was asked before `before` and has not answered; from now on it was asked at `now`.
pub(crate) async fn erasure_ask_again(
    tx: &mut impl Tx,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>, PgError> {
    let open = erasures::table
        .filter(erasures::state.eq(REQUESTED))
        .filter(erasures::service.ne(OWN))
        .filter(erasures::asked_at.le(before));
    let update = diesel::update(open).set(erasures::asked_at.eq(now)).returning(erasures::user_id);
    let mut users: Vec<UserId> = update.get_results(tx.conn()).await?;
    users.sort_unstable();
    users.dedup();
    Ok(users)
}

/// Notes what a service reports; false when it was not asked, or has reported before.
pub(crate) async fn erasure_report(
    tx: &mut impl Tx,
    user: UserId,
    service: &str,
    rows: i64,
    now: DateTime<Utc>,
) -> Result<bool, PgError> {
    let open = erasures::table.find((user, service)).filter(erasures::state.eq(REQUESTED));
    let values = (erasures::state.eq(DONE), erasures::done_at.eq(now), erasures::rows.eq(rows));
    Ok(diesel::update(open).set(values).execute(tx.conn()).await? == 1)
}

/// The services that have not reported. Their rows, and those of the ones that have, are held until the transaction ends,
/// so that of two who report at the same time the second sees the first.
pub(crate) async fn erasure_lock_open(tx: &mut impl Tx, user: UserId) -> Result<Vec<String>, PgError> {
    let all = erasures::table
        .filter(erasures::user_id.eq(user))
        .order(erasures::service)
        .select((erasures::service, erasures::state))
        .for_update();
    let all: Vec<(String, String)> = all.load(tx.conn()).await?;
    Ok(all.into_iter().filter(|(_, state)| state == REQUESTED).map(|(service, _)| service).collect())
}

/// How far every service is with a person.
pub(crate) async fn erasure_list(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<ErasureRow>, PgError> {
    Ok(ErasureRow::query().filter(erasures::user_id.eq(user)).order(erasures::service).load(conn).await?)
}

const SUBJECTS: &str = "DELETE FROM outbox_subjects WHERE subject IN ($1, 'audit:' || $1)";

/// Removes all that is held of a person here; says how many rows that were, those that went with the account not counted.
/// A workspace's key stays, made by nobody.
pub(crate) async fn erasure_remove(tx: &mut impl Tx, user: UserId) -> Result<i64, PgError> {
    let made = api_keys::table.filter(api_keys::created_by.eq(user)).filter(api_keys::user_id.is_null());
    let keys = diesel::update(made).set(api_keys::created_by.eq(NOBODY)).execute(tx.conn()).await?;
    let ordered = forget_ordered(tx, user).await?;
    let account = diesel::delete(users::table.find(user)).execute(tx.conn()).await?;
    let subjects = witan_pg::sql(SUBJECTS).bind::<diesel::sql_types::Text, _>(user.to_string());
    subjects.execute(tx.conn()).await?;
    Ok(i64::try_from(keys + ordered + account).unwrap_or(i64::MAX))
}

/// Mails that other services ordered to the person's address; they name the address alone.
async fn forget_ordered(tx: &mut impl Tx, user: UserId) -> Result<usize, PgError> {
    let own = users::table.find(user).select(users::email_key).single_value();
    let ordered = mails::table.filter(mails::user_id.is_null()).filter(lower(mails::recipient).eq(own));
    Ok(diesel::delete(ordered).execute(tx.conn()).await?)
}
