//! Addresses that users want to have and have not proved yet.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use witan_ids::{MailId, UserId};
use witan_pg::{PgError, Tx};

use super::schema::email_changes;
use crate::domain::email::EmailAddress;

/// Puts a wish in the place of the one before.
pub(crate) async fn email_change_save(
    tx: &mut impl Tx,
    user: UserId,
    mail: MailId,
    email: &EmailAddress,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (
        email_changes::user_id.eq(user),
        email_changes::mail_id.eq(mail),
        email_changes::email.eq(email.as_str()),
        email_changes::created_at.eq(now),
    );
    diesel::insert_into(email_changes::table)
        .values(row)
        .on_conflict(email_changes::user_id)
        .do_update()
        .set((
            email_changes::mail_id.eq(excluded(email_changes::mail_id)),
            email_changes::email.eq(excluded(email_changes::email)),
            email_changes::created_at.eq(excluded(email_changes::created_at)),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The address of the wish that a mail is about, unless a newer one took its place. The wish is held until the
/// transaction ends.
pub(crate) async fn email_change_lock(
    tx: &mut impl Tx,
    user: UserId,
    mail: MailId,
) -> Result<Option<String>, PgError> {
    let wish = email_changes::table.find(user).filter(email_changes::mail_id.eq(mail));
    Ok(wish.select(email_changes::email).for_update().first(tx.conn()).await.optional()?)
}

/// Takes a user's wish out of the table.
pub(crate) async fn email_change_take(tx: &mut impl Tx, user: UserId) -> Result<Option<String>, PgError> {
    let take = diesel::delete(email_changes::table.find(user)).returning(email_changes::email);
    Ok(take.get_result(tx.conn()).await.optional()?)
}

/// Forgets up to `most` wishes made before `before`; says how many there were.
pub(crate) async fn email_change_purge(
    tx: &mut impl Tx,
    before: DateTime<Utc>,
    most: i64,
) -> Result<usize, PgError> {
    let old = email_changes::table
        .filter(email_changes::created_at.lt(before))
        .select(email_changes::user_id)
        .limit(most);
    let users: Vec<UserId> = old.for_update().skip_locked().load(tx.conn()).await?;
    let gone = email_changes::table.filter(email_changes::user_id.eq_any(users));
    Ok(diesel::delete(gone).execute(tx.conn()).await?)
}
