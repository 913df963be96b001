//! Passkeys. Callers that change anything hold the user's row.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_ids::{PasskeyId, UserId};
use witan_pg::{PgError, Tx, expect_one};

use super::schema::passkeys;
use crate::domain::webauthn::{Known, NewCredential, Used};

/// A passkey.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = passkeys)]
pub(crate) struct PasskeyRow {
    pub(crate) id: PasskeyId,
    pub(crate) user_id: UserId,
    pub(crate) credential_id: Vec<u8>,
    public_key: Vec<u8>,
    counter: i64,
    pub(crate) name: String,
    pub(crate) transports: Vec<String>,
    backup_eligible: bool,
    pub(crate) backed_up: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) last_used_at: Option<DateTime<Utc>>,
}

impl PasskeyRow {
    /// What its signatures are checked with.
    pub(crate) fn known(&self) -> Known<'_> {
        Known {
            public_key: &self.public_key,
            counter: u32::try_from(self.counter).unwrap_or(u32::MAX),
            backup_eligible: self.backup_eligible,
        }
    }
}

/// A passkey to be stored.
pub(crate) struct NewPasskey<'a> {
    pub(crate) id: PasskeyId,
    pub(crate) user: UserId,
    pub(crate) credential: &'a NewCredential,
    pub(crate) name: &'a str,
    pub(crate) transports: &'a [String],
}

/// Stores a passkey; `None` when there is one with its credential id.
pub(crate) async fn passkey_insert(
    tx: &mut impl Tx,
    new: &NewPasskey<'_>,
    now: DateTime<Utc>,
) -> Result<Option<PasskeyRow>, PgError> {
    let row = (
        passkeys::id.eq(new.id),
        passkeys::user_id.eq(new.user),
        passkeys::credential_id.eq(&new.credential.id),
        passkeys::public_key.eq(&new.credential.public_key),
        passkeys::counter.eq(i64::from(new.credential.counter)),
        passkeys::name.eq(new.name),
        passkeys::transports.eq(new.transports),
        passkeys::backup_eligible.eq(new.credential.backup_eligible),
        passkeys::backed_up.eq(new.credential.backed_up),
        passkeys::created_at.eq(now),
    );
    let insert = diesel::insert_into(passkeys::table)
        .values(row)
        .on_conflict(passkeys::credential_id)
        .do_nothing()
        .returning(PasskeyRow::as_returning());
    Ok(insert.get_result(tx.conn()).await.optional()?)
}

/// A user's passkeys, oldest first. There are few.
pub(crate) async fn passkey_list(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Vec<PasskeyRow>, PgError> {
    let rows = PasskeyRow::query().filter(passkeys::user_id.eq(user)).order(passkeys::id);
    Ok(rows.load(conn).await?)
}

pub(crate) async fn passkey_by_credential(
    conn: &mut AsyncPgConnection,
    credential: &[u8],
) -> Result<Option<PasskeyRow>, PgError> {
    Ok(PasskeyRow::query().filter(passkeys::credential_id.eq(credential)).first(conn).await.optional()?)
}

/// Notes that a passkey signed.
pub(crate) async fn passkey_used(
    tx: &mut impl Tx,
    id: PasskeyId,
    used: Used,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let values = (
        passkeys::counter.eq(i64::from(used.counter)),
        passkeys::backed_up.eq(used.backed_up),
        passkeys::last_used_at.eq(now),
    );
    expect_one(diesel::update(passkeys::table.find(id)).set(values).execute(tx.conn()).await?)
}

/// Gives a passkey of `user` another name; `None` when there is none.
pub(crate) async fn passkey_rename(
    conn: &mut AsyncPgConnection,
    id: PasskeyId,
    user: UserId,
    name: &str,
) -> Result<Option<PasskeyRow>, PgError> {
    let row = passkeys::table.find(id).filter(passkeys::user_id.eq(user));
    let rename = diesel::update(row).set(passkeys::name.eq(name)).returning(PasskeyRow::as_returning());
    Ok(rename.get_result(conn).await.optional()?)
}

/// Removes a passkey of `user`; says whether there was one.
pub(crate) async fn passkey_delete(tx: &mut impl Tx, id: PasskeyId, user: UserId) -> Result<bool, PgError> {
    let row = passkeys::table.find(id).filter(passkeys::user_id.eq(user));
    Ok(diesel::delete(row).execute(tx.conn()).await? == 1)
}
