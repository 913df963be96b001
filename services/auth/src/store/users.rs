//! Accounts.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, Tx, expect_one};

use super::challenges::challenge_delete_all;
use super::schema::{registrations, users};
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::name::DisplayName;

/// An account as others see it.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = users)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) name: String,
    #[diesel(embed)]
    pub(crate) account: AccountRow,
    pub(crate) default_workspace: Option<WorkspaceId>,
    /// Whether an administrator made it.
    pub(crate) provisioned: bool,
    pub(crate) created_at: DateTime<Utc>,
}

/// The columns that an [`Account`] is made of.
#[derive(Debug, Clone, Selectable, Queryable)]
#[diesel(table_name = users)]
pub(crate) struct AccountRow {
    state: String,
    verified_at: Option<DateTime<Utc>>,
    deactivated_at: Option<DateTime<Utc>>,
    deletion_due_at: Option<DateTime<Utc>>,
    suspended: bool,
}

impl From<AccountRow> for Account {
    /// The table's checks keep state and times together; the unreachable rest is read as the closest closed door.
    fn from(row: AccountRow) -> Self {
        match (row.state.as_str(), row.verified_at, row.deactivated_at, row.deletion_due_at) {
            ("ACTIVE", Some(verified_at), ..) => Self::Active { verified_at },
            ("DEACTIVATED", Some(verified_at), Some(deactivated_at), _) => {
                Self::Deactivated { verified_at, deactivated_at, suspended: row.suspended }
            }
            ("PENDING_DELETION", Some(verified_at), _, Some(due_at)) => {
                Self::PendingDeletion { verified_at, due_at, suspended: row.suspended }
            }
            _ => Self::PendingVerify,
        }
    }
}

/// What log-in compares with.
pub(crate) struct Credential {
    pub(crate) user: User,
    /// The account's own password; a pending account has none.
    pub(crate) password_hash: Option<String>,
    /// The password of the newest registration of this address that is still kept. Right or wrong, it opens nothing.
    pub(crate) registered_hash: Option<String>,
}

/// Makes a pending account under `id`, unless the address has one; gives the id of the one it has now.
///
/// An existing row is written as well, with what it holds already: both cases cost the same.
pub(crate) async fn user_ensure(
    tx: &mut impl Tx,
    id: UserId,
    email: &EmailAddress,
    name: &DisplayName,
    now: DateTime<Utc>,
) -> Result<UserId, PgError> {
    let row = (
        users::id.eq(id),
        users::email.eq(email.as_str()),
        users::email_key.eq(email.key()),
        users::name.eq(name.as_str()),
        users::state.eq(Account::PendingVerify.state()),
        users::created_at.eq(now),
        users::updated_at.eq(now),
    );
    let insert = diesel::insert_into(users::table)
        .values(row)
        .on_conflict(users::email_key)
        .do_update()
        .set(users::updated_at.eq(users::updated_at))
        .returning(users::id);
    Ok(insert.get_result(tx.conn()).await?)
}

pub(crate) async fn user_by_id(conn: &mut AsyncPgConnection, id: UserId) -> Result<Option<User>, PgError> {
    Ok(User::query().find(id).first(conn).await.optional()?)
}

pub(crate) async fn user_by_email(tx: &mut impl Tx, email: &EmailAddress) -> Result<Option<User>, PgError> {
    Ok(User::query().filter(users::email_key.eq(email.key())).first(tx.conn()).await.optional()?)
}

/// The same, holding the row until the transaction ends.
pub(crate) async fn user_lock(tx: &mut impl Tx, id: UserId) -> Result<Option<User>, PgError> {
    Ok(User::query().find(id).for_update().first(tx.conn()).await.optional()?)
}

/// The account of an address with what its password is compared to.
pub(crate) async fn user_credential(
    conn: &mut AsyncPgConnection,
    email: &EmailAddress,
) -> Result<Option<Credential>, PgError> {
    let registered = registrations::table
        .filter(registrations::user_id.eq(users::id))
        .order((registrations::created_at.desc(), registrations::id.desc()))
        .select(registrations::password_hash)
        .single_value();
    let query = users::table.filter(users::email_key.eq(email.key())).select((
        User::as_select(),
        users::password_hash,
        registered,
    ));
    let row = query.first(conn).await.optional()?;
    Ok(row.map(|(user, password_hash, registered_hash)| Credential { user, password_hash, registered_hash }))
}

/// Takes note that `user.registered` is published; false when it was before.
pub(crate) async fn user_announce(tx: &mut impl Tx, id: UserId) -> Result<bool, PgError> {
    let silent = users::table.find(id).filter(users::announced.eq(false));
    Ok(diesel::update(silent).set(users::announced.eq(true)).execute(tx.conn()).await? > 0)
}

/// Opens a pending account with the name and password of the registration that was proved.
pub(crate) async fn user_activate(
    tx: &mut impl Tx,
    id: UserId,
    account: &Account,
    name: &str,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let update = diesel::update(users::table.find(id)).set((
        users::state.eq(account.state()),
        users::verified_at.eq(now),
        users::name.eq(name),
        users::password_hash.eq(password_hash),
        users::updated_at.eq(now),
    ));
    expect_one(update.execute(tx.conn()).await?)
}

/// Opens a pending account whose address another provider proved. It has no password, whatever was registered.
pub(crate) async fn user_open(
    tx: &mut impl Tx,
    id: UserId,
    account: &Account,
    name: &DisplayName,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let update = diesel::update(users::table.find(id)).set((
        users::state.eq(account.state()),
        users::verified_at.eq(now),
        users::name.eq(name.as_str()),
        users::password_hash.eq(None::<String>),
        users::updated_at.eq(now),
    ));
    expect_one(update.execute(tx.conn()).await?)
}

/// The hash of the account's password, if it has one.
pub(crate) async fn user_password(
    conn: &mut AsyncPgConnection,
    id: UserId,
) -> Result<Option<String>, PgError> {
    let hash = users::table.find(id).select(users::password_hash).first::<Option<String>>(conn).await;
    Ok(hash.optional()?.flatten())
}

/// Log-ins that wait for a second factor began with the old one, and end.
pub(crate) async fn user_set_password(
    tx: &mut impl Tx,
    id: UserId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    challenge_delete_all(tx, id).await?;
    let values = (users::password_hash.eq(password_hash), users::updated_at.eq(now));
    expect_one(diesel::update(users::table.find(id)).set(values).execute(tx.conn()).await?)
}

/// Replaces the hash of a password by another one of the same password.
pub(crate) async fn user_rehash(tx: &mut impl Tx, id: UserId, old: &str, new: &str) -> Result<(), PgError> {
    let unchanged = users::table.find(id).filter(users::password_hash.eq(old));
    diesel::update(unchanged).set(users::password_hash.eq(new)).execute(tx.conn()).await?;
    Ok(())
}

/// Gives an account another address.
///
/// # Errors
/// [`PgError::Conflict`] when another account has it.
pub(crate) async fn user_set_email(
    tx: &mut impl Tx,
    id: UserId,
    email: &EmailAddress,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let values =
        (users::email.eq(email.as_str()), users::email_key.eq(email.key()), users::updated_at.eq(now));
    expect_one(diesel::update(users::table.find(id)).set(values).execute(tx.conn()).await?)
}

/// Removes the account of an address that nobody proved, if there is one.
pub(crate) async fn user_delete_pending(tx: &mut impl Tx, email: &EmailAddress) -> Result<(), PgError> {
    let pending = users::table
        .filter(users::email_key.eq(email.key()))
        .filter(users::state.eq(Account::PendingVerify.state()));
    diesel::delete(pending).execute(tx.conn()).await?;
    Ok(())
}

/// Removes up to `most` accounts that were made before `before` and are still to be proved, unless somebody registered
/// the address again since; says how many there were.
pub(crate) async fn user_purge(tx: &mut impl Tx, before: DateTime<Utc>, most: i64) -> Result<usize, PgError> {
    let again = diesel::dsl::exists(
        registrations::table
            .filter(registrations::user_id.eq(users::id))
            .filter(registrations::created_at.ge(before)),
    );
    let abandoned = users::table
        .filter(users::state.eq(Account::PendingVerify.state()))
        .filter(users::created_at.lt(before))
        .filter(diesel::dsl::not(again));
    let held = abandoned.select(users::id).limit(most).for_update().skip_locked();
    let ids: Vec<UserId> = held.load(tx.conn()).await?;
    // Who registers one of these waits for its row now; who did so just before is seen by looking again.
    let gone = abandoned.filter(users::id.eq_any(ids));
    Ok(diesel::delete(gone).execute(tx.conn()).await?)
}

/// Gives the user a default workspace unless there is one.
pub(crate) async fn user_set_first_workspace(
    tx: &mut impl Tx,
    id: UserId,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let first = users::table.find(id).filter(users::default_workspace.is_null());
    let values = (users::default_workspace.eq(workspace), users::updated_at.eq(now));
    diesel::update(first).set(values).execute(tx.conn()).await?;
    Ok(())
}
