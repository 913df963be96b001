//! What is to be done, over all workspaces: the jobs of deliveries, and the breakers that are not closed.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, SystemTx, Tx as _, sql};

/// The deliveries of one kind of job.
#[derive(Debug, QueryableByName)]
pub(crate) struct Backlog {
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    /// Their time has come and nobody has begun them.
    #[diesel(sql_type = BigInt)]
    pub(crate) due: i64,
    /// Their time is still to come.
    #[diesel(sql_type = BigInt)]
    pub(crate) waiting: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) running: i64,
    /// Since when the oldest of those that are due has been.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) due_since: Option<DateTime<Utc>>,
    /// When the oldest that has not arrived was made.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) oldest: Option<DateTime<Utc>>,
}

const BACKLOG: &str = "
SELECT asked.kind,
    count(*) FILTER (WHERE state = 'ready' AND run_at <= $2) AS due,
    count(*) FILTER (WHERE state = 'ready' AND run_at > $2) AS waiting,
    count(*) FILTER (WHERE state = 'running') AS running,
    min(run_at) FILTER (WHERE state = 'ready' AND run_at <= $2) AS due_since,
    min(created_at) AS oldest
FROM unnest($1) AS asked (kind) LEFT JOIN jobs ON jobs.kind = asked.kind AND state IN ('ready', 'running')
GROUP BY asked.kind";

/// One for each kind, also where nothing is to be done.
pub(crate) async fn backlog(
    tx: &mut SystemTx<'_>,
    kinds: &[&str],
    now: DateTime<Utc>,
) -> Result<Vec<Backlog>, PgError> {
    let query = sql(BACKLOG).bind::<Array<Text>, _>(kinds).bind::<Timestamptz, _>(now);
    Ok(query.load(tx.conn()).await?)
}

/// Breakers by what they are.
#[derive(Debug, Default, QueryableByName)]
pub(crate) struct Breakers {
    /// Nothing is sent.
    #[diesel(sql_type = BigInt)]
    pub(crate) open: i64,
    /// Their time is up: the next delivery tries, or is trying.
    #[diesel(sql_type = BigInt)]
    pub(crate) half_open: i64,
}

const BREAKERS: &str = "
SELECT count(*) FILTER (WHERE until > $1) AS open, count(*) FILTER (WHERE until <= $1) AS half_open FROM breakers";

pub(crate) async fn breakers(tx: &mut SystemTx<'_>, now: DateTime<Utc>) -> Result<Breakers, PgError> {
    Ok(sql(BREAKERS).bind::<Timestamptz, _>(now).get_result(tx.conn()).await?)
}
