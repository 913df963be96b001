//! Accounts that close and open again.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::UserId;
use witan_pg::{PgError, Tx, expect_one};

use super::schema::users;
use crate::domain::account::Account;

/// Writes down where an account whose address is proved stands from now on.
pub(crate) async fn account_set(
    tx: &mut impl Tx,
    id: UserId,
    account: &Account,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let (deactivated_at, deletion_due_at) = match account {
        Account::Deactivated { deactivated_at, .. } => (Some(*deactivated_at), None),
        Account::PendingDeletion { due_at, .. } => (None, Some(*due_at)),
        Account::PendingVerify | Account::Active { .. } => (None, None),
    };
    let update = diesel::update(users::table.find(id)).set((
        users::state.eq(account.state()),
        users::deactivated_at.eq(deactivated_at),
        users::deletion_due_at.eq(deletion_due_at),
        users::suspended.eq(account.is_suspended()),
        users::updated_at.eq(now),
    ));
    expect_one(update.execute(tx.conn()).await?)
}

/// Those of the accounts that are open. The rows of all of them are held until the transaction ends, in one order for
/// everybody, so that of accounts that close at the same time each sees what became of the others.
pub(crate) async fn account_lock_open(tx: &mut impl Tx, ids: &[UserId]) -> Result<Vec<UserId>, PgError> {
    let rows = users::table
        .filter(users::id.eq_any(ids))
        .order(users::id)
        .select((users::id, users::state))
        .for_update();
    let rows: Vec<(UserId, String)> = rows.load(tx.conn()).await?;
    let active = (Account::Active { verified_at: DateTime::UNIX_EPOCH }).state();
    Ok(rows.into_iter().filter(|(_, state)| state == active).map(|(id, _)| id).collect())
}
