//! Sessions that stand for one at another issuer, and what its tokens may not open any longer.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid};
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_ids::{SessionId, UserId};
use witan_pg::{PgError, Tx};

use super::schema::{identities, outside_cutoffs, sessions, users};
use super::sessions::{NewSession, RevokedSession};
use super::users::User;
use crate::domain::outside_token::{OutsideToken, Past};
use crate::domain::session::{Deadlines, RevocationReason};

/// One of them.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(crate) struct OutsideSession {
    pub(crate) id: SessionId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) last_used_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) access_expires_at: DateTime<Utc>,
}

impl OutsideSession {
    /// The one that was just stored.
    pub(crate) fn begun(session: &NewSession<'_>, now: DateTime<Utc>) -> Self {
        Self {
            id: session.id,
            created_at: now,
            last_used_at: now,
            expires_at: session.deadlines.absolute,
            access_expires_at: session.deadlines.access,
        }
    }

    /// Whether it is time to write down that it is used, so that it does not end while it is.
    pub(crate) fn is_use_news(&self, now: DateTime<Utc>, noted: TimeDelta) -> bool {
        now - self.last_used_at >= noted
    }
}

/// The live session that the token belongs to, and whose it is. One from before the end of another session belongs to none,
/// though a later one may have opened the next.
pub(crate) async fn outside_session(
    conn: &mut AsyncPgConnection,
    token: &OutsideToken,
    now: DateTime<Utc>,
) -> Result<Option<(OutsideSession, User)>, PgError> {
    let live = sessions::table
        .inner_join(users::table)
        .filter(sessions::issuer.eq(&token.issuer))
        .filter(sessions::subject.eq(&token.subject))
        .filter(sessions::issuer_session.eq(&token.session))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::idle_expires_at.gt(now))
        .filter(sessions::expires_at.gt(now))
        .filter(
            sessions::issued_after.is_null().or(sessions::issued_after.lt(token.issued_at).assume_not_null()),
        )
        .select((OutsideSession::as_select(), User::as_select()));
    Ok(live.first(conn).await.optional()?)
}

/// Notes that a session is used; `None` when it has ended meanwhile. Gives until when its tokens may be believed.
pub(crate) async fn outside_session_use(
    conn: &mut AsyncPgConnection,
    session: SessionId,
    deadlines: &Deadlines,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, PgError> {
    let live = sessions::table.find(session).filter(sessions::revoked_at.is_null());
    let longest = diesel::dsl::sql::<Timestamptz>("GREATEST(access_expires_at, ")
        .bind::<Timestamptz, _>(deadlines.access)
        .sql(")");
    let update = diesel::update(live)
        .set((
            sessions::last_used_at.eq(now),
            sessions::idle_expires_at.eq(deadlines.idle),
            sessions::access_expires_at.eq(longest),
        ))
        .returning(sessions::access_expires_at);
    Ok(update.get_result(conn).await.optional()?)
}

/// What is remembered of the time before the token.
pub(crate) async fn outside_past(
    conn: &mut AsyncPgConnection,
    token: &OutsideToken,
    now: DateTime<Utc>,
) -> Result<Past, PgError> {
    // A session ends when it is revoked, or when its time is over.
    let end = diesel::dsl::sql::<Nullable<Timestamptz>>(
        "max(LEAST(revoked_at, idle_expires_at, expires_at)) FILTER (WHERE LEAST(revoked_at, idle_expires_at, \
         expires_at) <= ",
    )
    .bind::<Timestamptz, _>(now)
    .sql(")");
    let ended_at = sessions::table
        .filter(sessions::issuer.eq(&token.issuer))
        .filter(sessions::subject.eq(&token.subject))
        .filter(sessions::issuer_session.eq(&token.session))
        .select(end)
        .first(conn)
        .await?;
    let issued_until = outside_cutoff(conn, &token.issuer, &token.subject).await?;
    Ok(Past { ended_at, issued_until })
}

/// Until when all tokens of an identity were called off.
pub(crate) async fn outside_cutoff(
    conn: &mut AsyncPgConnection,
    issuer: &str,
    subject: &str,
) -> Result<Option<DateTime<Utc>>, PgError> {
    let cutoff = outside_cutoffs::table
        .filter(outside_cutoffs::issuer.eq(issuer))
        .filter(outside_cutoffs::subject.eq(subject))
        .select(max(outside_cutoffs::issued_until));
    Ok(cutoff.first(conn).await?)
}

/// Calls off what was issued until now to every identity of the user, shown here or not.
pub(crate) async fn outside_call_off_all(
    tx: &mut impl Tx,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let linked = identities::table.filter(identities::user_id.eq(user)).select((
        identities::issuer,
        identities::subject,
        identities::user_id,
        now.into_sql::<Timestamptz>(),
    ));
    let columns = (
        outside_cutoffs::issuer,
        outside_cutoffs::subject,
        outside_cutoffs::user_id,
        outside_cutoffs::issued_until,
    );
    diesel::insert_into(outside_cutoffs::table)
        .values(linked)
        .into_columns(columns)
        .on_conflict((outside_cutoffs::issuer, outside_cutoffs::subject))
        .do_update()
        .set(outside_cutoffs::issued_until.eq(excluded(outside_cutoffs::issued_until)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

const CALL_OFF: &str = "
    INSERT INTO outside_cutoffs (issuer, subject, user_id, issued_until) VALUES ($1, $2, $3, $4)
    ON CONFLICT (issuer, subject) DO UPDATE SET user_id = EXCLUDED.user_id, issued_until = EXCLUDED.issued_until";

/// Ends the sessions of one of the user's identities, and calls off what was issued to it until now.
pub(crate) async fn outside_call_off(
    tx: &mut impl Tx,
    user: UserId,
    (issuer, subject): (&str, &str),
    now: DateTime<Utc>,
) -> Result<Vec<RevokedSession>, PgError> {
    let cutoff = diesel::sql_query(CALL_OFF)
        .bind::<Text, _>(issuer)
        .bind::<Text, _>(subject)
        .bind::<Uuid, _>(user)
        .bind::<Timestamptz, _>(now);
    cutoff.execute(tx.conn()).await?;
    let live = sessions::table
        .filter(sessions::issuer.eq(issuer))
        .filter(sessions::subject.eq(subject))
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::idle_expires_at.gt(now));
    let reason = RevocationReason::IdentityRemoved.as_str();
    let revoke = diesel::update(live)
        .set((sessions::revoked_at.eq(now), sessions::revoked_reason.eq(reason)))
        .returning(RevokedSession::as_returning());
    Ok(revoke.get_results(tx.conn()).await?)
}

/// Removes what was called off before `before`: such tokens are too old by now.
pub(crate) async fn outside_cutoff_purge(tx: &mut impl Tx, before: DateTime<Utc>) -> Result<usize, PgError> {
    let old = outside_cutoffs::table.filter(outside_cutoffs::issued_until.lt(before));
    Ok(diesel::delete(old).execute(tx.conn()).await?)
}
