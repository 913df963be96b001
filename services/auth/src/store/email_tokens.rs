//! Mailed tokens, known by their digest only.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_ids::UserId;
use witan_pg::{PgError, Tx};

use super::schema::email_tokens;
use crate::domain::mailed_token::{MailedToken, Purpose};

/// A token to be remembered.
pub(crate) struct NewToken<'a> {
    pub(crate) token: &'a MailedToken,
    pub(crate) purpose: Purpose,
    pub(crate) user: UserId,
    /// Of a token that proves an address: the registration it proves.
    pub(crate) registration: Option<Uuid>,
    pub(crate) expires_at: DateTime<Utc>,
}

/// A token that was redeemed, and so is gone.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = email_tokens)]
pub(crate) struct Redeemed {
    pub(crate) registration_id: Option<Uuid>,
    pub(crate) expires_at: DateTime<Utc>,
}

pub(crate) async fn email_token_insert(
    tx: &mut impl Tx,
    new: &NewToken<'_>,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (
        email_tokens::digest.eq(new.token.digest()),
        email_tokens::purpose.eq(new.purpose.as_str()),
        email_tokens::user_id.eq(new.user),
        email_tokens::registration_id.eq(new.registration),
        email_tokens::created_at.eq(now),
        email_tokens::expires_at.eq(new.expires_at),
    );
    diesel::insert_into(email_tokens::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Whose token it is.
pub(crate) async fn email_token_owner(
    tx: &mut impl Tx,
    token: &MailedToken,
    purpose: Purpose,
) -> Result<Option<UserId>, PgError> {
    let row = email_tokens::table.find(token.digest()).filter(email_tokens::purpose.eq(purpose.as_str()));
    Ok(row.select(email_tokens::user_id).first(tx.conn()).await.optional()?)
}

/// Takes the token out of the table. Of any number of callers with one token, one gets it.
pub(crate) async fn email_token_redeem(
    tx: &mut impl Tx,
    token: &MailedToken,
    purpose: Purpose,
) -> Result<Option<Redeemed>, PgError> {
    let row = email_tokens::table.find(token.digest()).filter(email_tokens::purpose.eq(purpose.as_str()));
    let redeem = diesel::delete(row).returning(Redeemed::as_returning());
    Ok(redeem.get_result(tx.conn()).await.optional()?)
}

/// Makes every other link of the user worthless.
pub(crate) async fn email_token_delete_all(tx: &mut impl Tx, user: UserId) -> Result<(), PgError> {
    let all = email_tokens::table.filter(email_tokens::user_id.eq(user));
    diesel::delete(all).execute(tx.conn()).await?;
    Ok(())
}

/// Makes the user's links of one purpose worthless.
pub(crate) async fn email_token_delete_purpose(
    tx: &mut impl Tx,
    user: UserId,
    purpose: Purpose,
) -> Result<(), PgError> {
    let older = email_tokens::table
        .filter(email_tokens::user_id.eq(user))
        .filter(email_tokens::purpose.eq(purpose.as_str()));
    diesel::delete(older).execute(tx.conn()).await?;
    Ok(())
}

/// Removes up to `most` that expired before `before`; says how many there were.
pub(crate) async fn email_token_purge(
    tx: &mut impl Tx,
    before: DateTime<Utc>,
    most: i64,
) -> Result<usize, PgError> {
    let dead = email_tokens::table
        .filter(email_tokens::expires_at.lt(before))
        .select(email_tokens::digest)
        .limit(most);
    let digests: Vec<Vec<u8>> = dead.for_update().skip_locked().load(tx.conn()).await?;
    let gone = email_tokens::table.filter(email_tokens::digest.eq_any(digests));
    Ok(diesel::delete(gone).execute(tx.conn()).await?)
}
