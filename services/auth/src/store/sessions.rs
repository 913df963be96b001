//! Log-ins and the state of their refresh tokens.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::{array_append, array_remove};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Interval, Nullable, Text, Timestamptz, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use witan_ids::{SessionId, UserId, WorkspaceId};
use witan_pg::{PgError, Tx, expect_one, prepared, sql};

use super::schema::{sessions, users};
use crate::domain::account::Account;
use crate::domain::outside_token::{OutsideToken, Past};
use crate::domain::refresh::{REMEMBERED, RefreshChain};
use crate::domain::session::{Deadlines, Lifetimes, RevocationReason};

/// A log-in to be stored.
pub(crate) struct NewSession<'a> {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) user_agent: &'a str,
    pub(crate) ip: &'a str,
    pub(crate) methods: Vec<String>,
    pub(crate) authenticated_at: DateTime<Utc>,
    pub(crate) deadlines: Deadlines,
    /// What it stands on, if another issuer's token opened it, and what the tokens that follow must be issued after.
    pub(crate) outside: Option<(&'a OutsideToken, Past)>,
}

/// What a refresh hands out, read from the row it moved.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub(crate) struct Prolonged {
    #[diesel(sql_type = Uuid)]
    pub(crate) user_id: UserId,
    #[diesel(sql_type = BigInt)]
    pub(crate) counter: i64,
    #[diesel(sql_type = Nullable<Uuid>)]
    pub(crate) default_workspace: Option<WorkspaceId>,
    #[diesel(sql_type = Text)]
    pub(crate) email_key: String,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) authenticated_at: DateTime<Utc>,
    #[diesel(sql_type = Array<Text>)]
    pub(crate) methods: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) access_expires_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) idle_expires_at: DateTime<Utc>,
}

/// A session whose row is held.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(crate) struct SessionRow {
    pub(crate) user_id: UserId,
    counter: i64,
    spent: Vec<DateTime<Utc>>,
    pub(crate) authenticated_at: DateTime<Utc>,
    pub(crate) methods: Vec<String>,
    pub(crate) idle_expires_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

impl SessionRow {
    pub(crate) fn chain(&self) -> RefreshChain {
        RefreshChain { counter: self.counter, spent: self.spent.clone() }
    }

    pub(crate) fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && now < self.idle_expires_at && now < self.expires_at
    }
}

/// A session that was just revoked, or was not long ago.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub(crate) struct RevokedSession {
    pub(crate) id: SessionId,
    pub(crate) user_id: UserId,
    /// Until then an access token of it may be around.
    pub(crate) access_expires_at: DateTime<Utc>,
}

/// A session as its owner sees it.
#[derive(Debug, HasQuery)]
#[diesel(table_name = sessions)]
pub(crate) struct SessionSummary {
    pub(crate) id: SessionId,
    pub(crate) user_agent: String,
    pub(crate) ip: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) last_used_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
}

pub(crate) async fn session_insert(
    tx: &mut impl Tx,
    session: &NewSession<'_>,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (
        sessions::id.eq(session.id),
        sessions::user_id.eq(session.user),
        sessions::user_agent.eq(session.user_agent),
        sessions::ip.eq(session.ip),
        sessions::created_at.eq(now),
        sessions::authenticated_at.eq(session.authenticated_at),
        sessions::methods.eq(&session.methods),
        sessions::last_used_at.eq(now),
        sessions::idle_expires_at.eq(session.deadlines.idle),
        sessions::expires_at.eq(session.deadlines.absolute),
        sessions::access_expires_at.eq(session.deadlines.access),
        sessions::issuer.eq(session.outside.map(|(token, _)| &token.issuer)),
        sessions::subject.eq(session.outside.map(|(token, _)| &token.subject)),
        sessions::issuer_session.eq(session.outside.map(|(token, _)| &token.session)),
        sessions::issued_after.eq(session.outside.and_then(|(_, past)| past.latest())),
    );
    prepared(diesel::insert_into(sessions::table).values(row)).execute(tx.conn()).await?;
    Ok(())
}

/// `spent` as [`RefreshChain::rotate`] makes it, and deadlines as [`Deadlines::at_refresh`] does.
const ROTATE: &str = "
    UPDATE sessions s
    SET counter = s.counter + 1,
        spent = (ARRAY[$3] || s.spent)[1:$4],
        last_used_at = $3,
        idle_expires_at = LEAST($3 + $5, s.expires_at),
        access_expires_at = LEAST($3 + $6, s.expires_at)
    FROM users u
    WHERE s.id = $1 AND s.counter = $2
      AND s.revoked_at IS NULL AND s.idle_expires_at > $3 AND s.expires_at > $3
      AND u.id = s.user_id AND u.state = 'ACTIVE'
    RETURNING s.user_id, s.counter, u.default_workspace, u.email_key, s.authenticated_at, s.methods,
              s.access_expires_at, s.idle_expires_at";

/// Spends the newest refresh token, if `counter` still is the newest: of any number of callers one succeeds. The
/// whole of a usual refresh is this statement.
pub(crate) async fn session_rotate(
    conn: &mut AsyncPgConnection,
    id: SessionId,
    counter: i64,
    lifetimes: &Lifetimes,
    now: DateTime<Utc>,
) -> Result<Option<Prolonged>, PgError> {
    let query = sql(ROTATE)
        .bind::<Uuid, _>(id)
        .bind::<BigInt, _>(counter)
        .bind::<Timestamptz, _>(now)
        .bind::<Integer, _>(i32::try_from(REMEMBERED).unwrap_or(i32::MAX))
        .bind::<Interval, _>(interval(lifetimes.idle))
        .bind::<Interval, _>(interval(lifetimes.access));
    Ok(query.get_result(conn).await.optional()?)
}

/// What a refresh needs to know of the session's user.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct SessionUser {
    pub(crate) state: String,
    pub(crate) email_key: String,
    pub(crate) default_workspace: Option<WorkspaceId>,
}

/// The session with its user, held until the transaction ends.
pub(crate) async fn session_lock(
    tx: &mut impl Tx,
    id: SessionId,
) -> Result<Option<(SessionRow, SessionUser)>, PgError> {
    let query = sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(id))
        .select((SessionRow::as_select(), SessionUser::as_select()))
        .for_update();
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Notes that another access token was handed out without rotating.
pub(crate) async fn session_touch(
    tx: &mut impl Tx,
    id: SessionId,
    access_expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let values = (sessions::last_used_at.eq(now), sessions::access_expires_at.eq(access_expires_at));
    expect_one(diesel::update(sessions::table.find(id)).set(values).execute(tx.conn()).await?)
}

/// Notes that the user of a live session proved who they are once more, and how; `None` when it has ended. Gives
/// until when an access token may last, and how they have been proved by now.
pub(crate) async fn session_authenticate(
    tx: &mut impl Tx,
    id: SessionId,
    method: &str,
    now: DateTime<Utc>,
    access_expires_at: DateTime<Utc>,
) -> Result<Option<(DateTime<Utc>, Vec<String>)>, PgError> {
    let live = sessions::table
        .find(id)
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::idle_expires_at.gt(now));
    let ends_at = diesel::dsl::sql::<Timestamptz>("LEAST(expires_at, ")
        .bind::<Timestamptz, _>(access_expires_at)
        .sql(")");
    let update = diesel::update(live)
        .set((
            sessions::authenticated_at.eq(now),
            sessions::access_expires_at.eq(ends_at),
            sessions::methods.eq(array_append(array_remove(sessions::methods, method), method)),
        ))
        .returning((sessions::access_expires_at, sessions::methods));
    Ok(update.get_result(tx.conn()).await.optional()?)
}

/// Notes another way in which the user of a live session was proved. It is in the tokens of the next refresh.
pub(crate) async fn session_add_method(tx: &mut impl Tx, id: SessionId, method: &str) -> Result<(), PgError> {
    let live = sessions::table.find(id).filter(sessions::revoked_at.is_null());
    diesel::update(live)
        .set(sessions::methods.eq(array_append(array_remove(sessions::methods, method), method)))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Has the live sessions of `user` forget that these methods were shown.
pub(crate) async fn session_forget_methods(
    tx: &mut impl Tx,
    user: UserId,
    methods: &[String],
) -> Result<(), PgError> {
    let live = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::methods.overlaps_with(methods));
    let rest = diesel::dsl::sql::<Array<Text>>(
        "ARRAY(SELECT m FROM unnest(methods) WITH ORDINALITY AS t (m, n) WHERE m <> ALL (",
    )
    .bind::<Array<Text>, _>(methods)
    .sql(") ORDER BY n)");
    diesel::update(live).set(sessions::methods.eq(rest)).execute(tx.conn()).await?;
    Ok(())
}

/// Ends a live session of `user`; `None` when there is none, or it had ended already.
pub(crate) async fn session_revoke(
    tx: &mut impl Tx,
    id: SessionId,
    user: UserId,
    reason: RevocationReason,
    now: DateTime<Utc>,
) -> Result<Option<RevokedSession>, PgError> {
    let live = sessions::table
        .find(id)
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::idle_expires_at.gt(now));
    let revoke = diesel::update(live)
        .set((sessions::revoked_at.eq(now), sessions::revoked_reason.eq(reason.as_str())))
        .returning(RevokedSession::as_returning());
    Ok(revoke.get_result(tx.conn()).await.optional()?)
}

/// Ends all live sessions of `user` but `except`.
pub(crate) async fn session_revoke_all(
    tx: &mut impl Tx,
    user: UserId,
    except: Option<SessionId>,
    reason: RevocationReason,
    now: DateTime<Utc>,
) -> Result<Vec<RevokedSession>, PgError> {
    let kept: Vec<SessionId> = except.into_iter().collect();
    let live = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::id.ne_all(kept))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::idle_expires_at.gt(now));
    let revoke = diesel::update(live)
        .set((sessions::revoked_at.eq(now), sessions::revoked_reason.eq(reason.as_str())))
        .returning(RevokedSession::as_returning());
    Ok(revoke.get_results(tx.conn()).await?)
}

/// The live sessions of `user` beyond the `kept` that were used last.
pub(crate) async fn session_surplus(
    tx: &mut impl Tx,
    user: UserId,
    kept: i64,
    now: DateTime<Utc>,
) -> Result<Vec<SessionId>, PgError> {
    let surplus = sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::idle_expires_at.gt(now))
        .order((sessions::last_used_at.desc(), sessions::id.desc()))
        .offset(kept)
        .select(sessions::id);
    Ok(surplus.load(tx.conn()).await?)
}

/// Revoked sessions of which an access token may still be around.
pub(crate) async fn session_revoked_list(
    conn: &mut AsyncPgConnection,
    now: DateTime<Utc>,
) -> Result<Vec<RevokedSession>, PgError> {
    let relevant = sessions::table
        .filter(sessions::revoked_at.is_not_null())
        .filter(sessions::access_expires_at.gt(now))
        .order(sessions::access_expires_at)
        .select(RevokedSession::as_select());
    Ok(relevant.load(conn).await?)
}

/// A user's live sessions, newest first, those after `after` only.
pub(crate) async fn session_list(
    conn: &mut AsyncPgConnection,
    user: UserId,
    after: Option<SessionId>,
    rows: i64,
    now: DateTime<Utc>,
) -> Result<Vec<SessionSummary>, PgError> {
    let mut query = SessionSummary::query()
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::idle_expires_at.gt(now))
        .order(sessions::id.desc())
        .limit(rows)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(sessions::id.lt(after));
    }
    Ok(query.load(conn).await?)
}

/// Removes up to `most` sessions that ended before `before`, whatever ended them; says how many there were. One stays
/// for as long as an access token of it may be around, so that a revoked one is refused everywhere until then.
pub(crate) async fn session_purge(
    tx: &mut impl Tx,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    most: i64,
) -> Result<usize, PgError> {
    let expired = sessions::idle_expires_at.lt(before).or(sessions::expires_at.lt(before));
    let ended = sessions::table
        .filter(expired.or(sessions::revoked_at.lt(before).assume_not_null()))
        .filter(sessions::access_expires_at.lt(now))
        .select(sessions::id)
        .limit(most);
    let ids: Vec<SessionId> = ended.for_update().skip_locked().load(tx.conn()).await?;
    Ok(diesel::delete(sessions::table.filter(sessions::id.eq_any(ids))).execute(tx.conn()).await?)
}

/// Whether a user of this state may be given tokens.
pub(crate) fn may_refresh(state: &str) -> bool {
    state == Account::ACTIVE
}

fn interval(delta: TimeDelta) -> diesel::pg::data_types::PgInterval {
    diesel::pg::data_types::PgInterval::from_microseconds(delta.num_microseconds().unwrap_or(i64::MAX))
}
