//! Challenges, known by their digest only.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_ids::UserId;
use witan_pg::{PgError, Tx};

use super::schema::challenges;
use crate::domain::challenge::{Challenge, Purpose};

/// A challenge to be remembered.
pub(crate) struct NewChallenge<'a> {
    pub(crate) challenge: &'a Challenge,
    pub(crate) purpose: Purpose,
    /// Who must answer it; nobody is known to who signs in.
    pub(crate) user: Option<UserId>,
    /// Of a log-in: how its user was proved so far.
    pub(crate) methods: Vec<String>,
    /// Whether its tokens go into cookies.
    pub(crate) cookies: bool,
    pub(crate) expires_at: DateTime<Utc>,
}

/// A challenge that can be answered still.
#[derive(Debug, HasQuery)]
#[diesel(table_name = challenges)]
pub(crate) struct ChallengeRow {
    pub(crate) user_id: Option<UserId>,
    pub(crate) methods: Vec<String>,
    pub(crate) cookies: bool,
}

pub(crate) async fn challenge_insert(
    conn: &mut AsyncPgConnection,
    new: &NewChallenge<'_>,
) -> Result<(), PgError> {
    let row = (
        challenges::digest.eq(new.challenge.digest()),
        challenges::purpose.eq(new.purpose.as_str()),
        challenges::user_id.eq(new.user),
        challenges::methods.eq(&new.methods),
        challenges::cookies.eq(new.cookies),
        challenges::expires_at.eq(new.expires_at),
    );
    diesel::insert_into(challenges::table).values(row).execute(conn).await?;
    Ok(())
}

pub(crate) async fn challenge_find(
    conn: &mut AsyncPgConnection,
    challenge: &Challenge,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<Option<ChallengeRow>, PgError> {
    let row = ChallengeRow::query()
        .filter(challenges::digest.eq(challenge.digest()))
        .filter(challenges::purpose.eq(purpose.as_str()))
        .filter(challenges::expires_at.gt(now));
    Ok(row.first(conn).await.optional()?)
}

/// Takes the challenge out of the table. Of any number of callers with one challenge, one gets it.
pub(crate) async fn challenge_take(
    tx: &mut impl Tx,
    challenge: &Challenge,
    purpose: Purpose,
    now: DateTime<Utc>,
) -> Result<Option<ChallengeRow>, PgError> {
    let row = challenges::table
        .find(challenge.digest())
        .filter(challenges::purpose.eq(purpose.as_str()))
        .filter(challenges::expires_at.gt(now));
    let take = diesel::delete(row).returning(ChallengeRow::as_returning());
    Ok(take.get_result(tx.conn()).await.optional()?)
}

/// Ends what `user` was asked: it began with what is no longer so.
pub(crate) async fn challenge_delete_all(tx: &mut impl Tx, user: UserId) -> Result<(), PgError> {
    let all = challenges::table.filter(challenges::user_id.eq(user));
    diesel::delete(all).execute(tx.conn()).await?;
    Ok(())
}

/// Removes what can no longer be answered; says how many there were.
pub(crate) async fn challenge_purge(tx: &mut impl Tx, now: DateTime<Utc>) -> Result<usize, PgError> {
    let dead = challenges::table.filter(challenges::expires_at.le(now));
    Ok(diesel::delete(dead).execute(tx.conn()).await?)
}
