//! Attempts to open an account, kept until one of them is proved.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_ids::UserId;
use witan_pg::{PgError, Tx};

use super::schema::registrations;

/// One attempt.
#[derive(Debug, Clone, HasQuery)]
#[diesel(table_name = registrations)]
pub(crate) struct Registration {
    pub(crate) id: Uuid,
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) password_hash: String,
}

pub(crate) async fn registration_insert(
    tx: &mut impl Tx,
    registration: &Registration,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (
        registrations::id.eq(registration.id),
        registrations::user_id.eq(registration.user_id),
        registrations::name.eq(&registration.name),
        registrations::password_hash.eq(&registration.password_hash),
        registrations::created_at.eq(now),
    );
    diesel::insert_into(registrations::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn registration_by_id(tx: &mut impl Tx, id: Uuid) -> Result<Option<Registration>, PgError> {
    Ok(Registration::query().find(id).first(tx.conn()).await.optional()?)
}

pub(crate) async fn registration_newest(
    tx: &mut impl Tx,
    user: UserId,
) -> Result<Option<Registration>, PgError> {
    let newest = Registration::query()
        .filter(registrations::user_id.eq(user))
        .order((registrations::created_at.desc(), registrations::id.desc()));
    Ok(newest.first(tx.conn()).await.optional()?)
}

/// Forgets up to `most` attempts made before `before`, with their links; says how many there were.
pub(crate) async fn registration_purge(
    tx: &mut impl Tx,
    before: DateTime<Utc>,
    most: i64,
) -> Result<usize, PgError> {
    let old = registrations::table
        .filter(registrations::created_at.lt(before))
        .select(registrations::id)
        .limit(most);
    let ids: Vec<Uuid> = old.for_update().skip_locked().load(tx.conn()).await?;
    let gone = registrations::table.filter(registrations::id.eq_any(ids));
    Ok(diesel::delete(gone).execute(tx.conn()).await?)
}

pub(crate) async fn registration_delete(tx: &mut impl Tx, id: Uuid) -> Result<(), PgError> {
    diesel::delete(registrations::table.find(id)).execute(tx.conn()).await?;
    Ok(())
}
