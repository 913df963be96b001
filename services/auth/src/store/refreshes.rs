//! Refreshes that the audit log has not heard of.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid};
use diesel_async::RunQueryDsl;
use witan_ids::{SessionId, UserId};
use witan_pg::{PgError, Tx};

/// A session that was refreshed since it was last looked at.
#[derive(Debug, QueryableByName)]
pub(crate) struct Refreshed {
    #[diesel(sql_type = Uuid)]
    pub(crate) id: SessionId,
    #[diesel(sql_type = Uuid)]
    pub(crate) user_id: UserId,
    /// How often.
    #[diesel(sql_type = BigInt)]
    pub(crate) times: i64,
    #[diesel(sql_type = Text)]
    pub(crate) ip: String,
    #[diesel(sql_type = Text)]
    pub(crate) user_agent: String,
}

/// A session that is refreshing at this moment is left for the next pass.
const TAKE: &str = "
    UPDATE sessions s SET audited = s.counter
    FROM (SELECT id, audited FROM sessions WHERE counter > audited
          ORDER BY last_used_at LIMIT $1 FOR UPDATE SKIP LOCKED) before
    WHERE s.id = before.id
    RETURNING s.id, s.user_id, s.counter - before.audited AS times, s.ip, s.user_agent";

/// Takes at most `limit` sessions, and takes note that they were.
pub(crate) async fn refreshed_take(tx: &mut impl Tx, limit: i64) -> Result<Vec<Refreshed>, PgError> {
    Ok(witan_pg::sql(TAKE).bind::<BigInt, _>(limit).get_results(tx.conn()).await?)
}
