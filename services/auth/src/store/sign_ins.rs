//! Sign-ins at another provider that were begun, known by their digest only.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_pg::{PgError, Tx};

use super::schema::sign_ins;
use crate::domain::sign_in::SignInSecret;

/// How a sign-in is to end.
#[derive(Debug, HasQuery)]
#[diesel(table_name = sign_ins)]
pub(crate) struct SignInRow {
    pub(crate) return_to: Option<String>,
    pub(crate) cookies: bool,
}

pub(crate) async fn sign_in_insert(
    conn: &mut AsyncPgConnection,
    secret: &SignInSecret,
    row: &SignInRow,
    expires_at: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (
        sign_ins::digest.eq(secret.digest()),
        sign_ins::return_to.eq(&row.return_to),
        sign_ins::cookies.eq(row.cookies),
        sign_ins::expires_at.eq(expires_at),
    );
    diesel::insert_into(sign_ins::table).values(row).execute(conn).await?;
    Ok(())
}

/// Takes the sign-in out of the table, if it is not too old. Of any number of callers one gets it.
pub(crate) async fn sign_in_take(
    conn: &mut AsyncPgConnection,
    secret: &SignInSecret,
    now: DateTime<Utc>,
) -> Result<Option<SignInRow>, PgError> {
    let row = sign_ins::table.find(secret.digest()).filter(sign_ins::expires_at.gt(now));
    let take = diesel::delete(row).returning(SignInRow::as_returning());
    Ok(take.get_result(conn).await.optional()?)
}

/// Removes what can no longer be finished; says how many there were.
pub(crate) async fn sign_in_purge(tx: &mut impl Tx, now: DateTime<Utc>) -> Result<usize, PgError> {
    let dead = sign_ins::table.filter(sign_ins::expires_at.le(now));
    Ok(diesel::delete(dead).execute(tx.conn()).await?)
}
