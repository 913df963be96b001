//! Authenticator apps, recovery codes, and wrong ones. Callers that change anything hold the user's row.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_ids::UserId;
use witan_pg::{PgError, Tx, expect_one, sql};

use super::schema::{factor_attempts, recovery_codes, totp_factors};
use crate::domain::factor_attempts::FactorAttempts;
use crate::domain::recovery_code::RecoveryCode;

/// What a user can prove themselves with beside a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub(crate) struct Factors {
    /// Whether there is an app of which a code was seen.
    #[diesel(sql_type = Bool)]
    pub(crate) totp: bool,
    #[diesel(sql_type = BigInt)]
    pub(crate) passkeys: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) recovery_codes: i64,
}

impl Factors {
    /// Whether there is anything but codes on paper, which are nothing by themselves.
    pub(crate) fn any(&self) -> bool {
        self.totp || self.passkeys > 0
    }
}

const FACTORS: &str = "
    SELECT EXISTS (SELECT FROM totp_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL) AS totp,
           (SELECT count(*) FROM passkeys WHERE user_id = $1) AS passkeys,
           (SELECT count(*) FROM recovery_codes WHERE user_id = $1) AS recovery_codes";

pub(crate) async fn factors_of(conn: &mut AsyncPgConnection, user: UserId) -> Result<Factors, PgError> {
    Ok(sql(FACTORS).bind::<Uuid, _>(user).get_result(conn).await?)
}

/// An authenticator app.
#[derive(Debug, HasQuery)]
#[diesel(table_name = totp_factors)]
pub(crate) struct TotpRow {
    pub(crate) secret: Vec<u8>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) confirmed_at: Option<DateTime<Utc>>,
    pub(crate) last_step: Option<i64>,
}

pub(crate) async fn totp_find(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Option<TotpRow>, PgError> {
    Ok(TotpRow::query().find(user).first(conn).await.optional()?)
}

/// Stores an app that no code was seen of.
pub(crate) async fn totp_insert(
    tx: &mut impl Tx,
    user: UserId,
    sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row =
        (totp_factors::user_id.eq(user), totp_factors::secret.eq(sealed), totp_factors::created_at.eq(now));
    diesel::insert_into(totp_factors::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Notes that the first code of an app was seen, and which.
pub(crate) async fn totp_confirm(
    tx: &mut impl Tx,
    user: UserId,
    step: i64,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let values = (totp_factors::confirmed_at.eq(now), totp_factors::last_step.eq(step));
    expect_one(diesel::update(totp_factors::table.find(user)).set(values).execute(tx.conn()).await?)
}

/// Notes the last code that was taken.
pub(crate) async fn totp_spend(tx: &mut impl Tx, user: UserId, step: i64) -> Result<(), PgError> {
    let update = diesel::update(totp_factors::table.find(user)).set(totp_factors::last_step.eq(step));
    expect_one(update.execute(tx.conn()).await?)
}

/// Removes the app; says whether there was one.
pub(crate) async fn totp_delete(tx: &mut impl Tx, user: UserId) -> Result<bool, PgError> {
    Ok(diesel::delete(totp_factors::table.find(user)).execute(tx.conn()).await? == 1)
}

/// Removes apps that were begun before `before` and never confirmed.
pub(crate) async fn totp_purge(tx: &mut impl Tx, before: DateTime<Utc>) -> Result<usize, PgError> {
    let dead = totp_factors::table
        .filter(totp_factors::confirmed_at.is_null())
        .filter(totp_factors::created_at.lt(before));
    Ok(diesel::delete(dead).execute(tx.conn()).await?)
}

/// Gives the user these codes in place of those they had.
pub(crate) async fn recovery_codes_replace(
    tx: &mut impl Tx,
    user: UserId,
    codes: &[RecoveryCode],
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    recovery_codes_delete(tx, user).await?;
    let row = |code: &RecoveryCode| {
        (
            recovery_codes::digest.eq(code.digest(user)),
            recovery_codes::user_id.eq(user),
            recovery_codes::created_at.eq(now),
        )
    };
    let rows: Vec<_> = codes.iter().map(row).collect();
    diesel::insert_into(recovery_codes::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

/// Takes a code out of the table; says whether it was there.
pub(crate) async fn recovery_code_spend(
    tx: &mut impl Tx,
    user: UserId,
    code: &RecoveryCode,
) -> Result<bool, PgError> {
    let row = recovery_codes::table.find(code.digest(user)).filter(recovery_codes::user_id.eq(user));
    Ok(diesel::delete(row).execute(tx.conn()).await? == 1)
}

pub(crate) async fn recovery_codes_delete(tx: &mut impl Tx, user: UserId) -> Result<(), PgError> {
    let all = recovery_codes::table.filter(recovery_codes::user_id.eq(user));
    diesel::delete(all).execute(tx.conn()).await?;
    Ok(())
}

/// Wrong codes since the last right one.
pub(crate) async fn factor_attempts_of(tx: &mut impl Tx, user: UserId) -> Result<FactorAttempts, PgError> {
    let row =
        factor_attempts::table.find(user).select((factor_attempts::failed, factor_attempts::closed_until));
    let found: Option<(i32, Option<DateTime<Utc>>)> = row.first(tx.conn()).await.optional()?;
    Ok(found.map(|(failed, closed_until)| FactorAttempts { failed, closed_until }).unwrap_or_default())
}

pub(crate) async fn factor_attempts_set(
    tx: &mut impl Tx,
    user: UserId,
    attempts: FactorAttempts,
) -> Result<(), PgError> {
    let values = (
        factor_attempts::failed.eq(attempts.failed),
        factor_attempts::closed_until.eq(attempts.closed_until),
    );
    let upsert = diesel::insert_into(factor_attempts::table)
        .values((factor_attempts::user_id.eq(user), values))
        .on_conflict(factor_attempts::user_id)
        .do_update()
        .set(values);
    expect_one(upsert.execute(tx.conn()).await?)
}

pub(crate) async fn factor_attempts_clear(tx: &mut impl Tx, user: UserId) -> Result<(), PgError> {
    diesel::delete(factor_attempts::table.find(user)).execute(tx.conn()).await?;
    Ok(())
}
