//! Signing keys, their secret part encrypted.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::KeyId;
use witan_pg::{PgError, Tx, expect_one};

use super::schema::signing_keys;
use crate::domain::signing_key::{KeyPurpose, KeyState};

/// A key as stored.
#[derive(HasQuery)]
#[diesel(table_name = signing_keys)]
pub(crate) struct SigningKeyRow {
    pub(crate) id: KeyId,
    purpose: String,
    state: String,
    pub(crate) secret: Vec<u8>,
    created_at: DateTime<Utc>,
    activated_at: Option<DateTime<Utc>>,
    verifies_until: Option<DateTime<Utc>>,
}

impl SigningKeyRow {
    pub(crate) fn purpose(&self) -> Option<KeyPurpose> {
        KeyPurpose::parse(&self.purpose)
    }

    pub(crate) fn state(&self) -> Option<KeyState> {
        match (self.state.as_str(), self.activated_at, self.verifies_until) {
            ("NEXT", None, None) => Some(KeyState::Next { since: self.created_at }),
            ("ACTIVE", Some(since), None) => Some(KeyState::Active { since }),
            ("RETIRING", Some(_), Some(until)) => Some(KeyState::Retiring { until }),
            _ => None,
        }
    }
}

/// Every key, oldest first.
pub(crate) async fn signing_key_list(tx: &mut impl Tx) -> Result<Vec<SigningKeyRow>, PgError> {
    Ok(SigningKeyRow::query().order(signing_keys::id).load(tx.conn()).await?)
}

/// Stores a key that is active at once, unless there is an active one.
pub(crate) async fn signing_key_insert_first(
    tx: &mut impl Tx,
    id: KeyId,
    purpose: KeyPurpose,
    secret: &[u8],
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (
        signing_keys::id.eq(id),
        signing_keys::purpose.eq(purpose.as_str()),
        signing_keys::state.eq(KeyState::Active { since: now }.as_str()),
        signing_keys::secret.eq(secret),
        signing_keys::created_at.eq(now),
        signing_keys::activated_at.eq(now),
    );
    diesel::insert_into(signing_keys::table).values(row).on_conflict_do_nothing().execute(tx.conn()).await?;
    Ok(())
}

/// Stores a key that is to take over, unless there is one already.
pub(crate) async fn signing_key_insert_next(
    tx: &mut impl Tx,
    id: KeyId,
    purpose: KeyPurpose,
    secret: &[u8],
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (
        signing_keys::id.eq(id),
        signing_keys::purpose.eq(purpose.as_str()),
        signing_keys::state.eq(KeyState::Next { since: now }.as_str()),
        signing_keys::secret.eq(secret),
        signing_keys::created_at.eq(now),
    );
    diesel::insert_into(signing_keys::table).values(row).on_conflict_do_nothing().execute(tx.conn()).await?;
    Ok(())
}

/// The keys of a purpose, held until the transaction ends: whoever changes them takes turns.
pub(crate) async fn signing_key_lock(
    tx: &mut impl Tx,
    purpose: KeyPurpose,
) -> Result<Vec<SigningKeyRow>, PgError> {
    let keys = SigningKeyRow::query().filter(signing_keys::purpose.eq(purpose.as_str()));
    Ok(keys.order(signing_keys::id).for_update().load(tx.conn()).await?)
}

pub(crate) async fn signing_key_retire(
    tx: &mut impl Tx,
    id: KeyId,
    until: DateTime<Utc>,
) -> Result<(), PgError> {
    let state = KeyState::Retiring { until }.as_str();
    let values = (signing_keys::state.eq(state), signing_keys::verifies_until.eq(until));
    expect_one(diesel::update(signing_keys::table.find(id)).set(values).execute(tx.conn()).await?)
}

pub(crate) async fn signing_key_activate(
    tx: &mut impl Tx,
    id: KeyId,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let state = KeyState::Active { since: now }.as_str();
    let values = (signing_keys::state.eq(state), signing_keys::activated_at.eq(now));
    expect_one(diesel::update(signing_keys::table.find(id)).set(values).execute(tx.conn()).await?)
}

pub(crate) async fn signing_key_delete(tx: &mut impl Tx, id: KeyId) -> Result<(), PgError> {
    expect_one(diesel::delete(signing_keys::table.find(id)).execute(tx.conn()).await?)
}
