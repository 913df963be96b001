use std::time::Duration;

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Text};
use diesel::{IntoSql, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::{FutureExt, StreamExt};

use crate::{PgError, run};

const ANSWER: Duration = Duration::from_secs(5);

diesel::define_sql_function! {
    /// Takes a lock that lasts as long as the session.
    fn pg_try_advisory_lock(key: BigInt) -> diesel::sql_types::Bool;
}
diesel::define_sql_function! {
    /// A number for a text.
    fn hashtextextended(text: Text, seed: BigInt) -> BigInt;
}

/// A connection outside the pool. What it holds, a lock or a subscription, ends with it.
pub struct Session {
    conn: AsyncPgConnection,
}

impl Session {
    pub(crate) async fn new(mut conn: AsyncPgConnection) -> Result<Self, PgError> {
        within(conn.batch_execute("SET idle_session_timeout = 0; SET default_transaction_read_only = off"))
            .await?;
        Ok(Self { conn })
    }

    /// Takes the advisory lock `name` of this service's schema, if nobody else holds it.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn try_lock(&mut self, name: &str) -> Result<bool, PgError> {
        // Advisory locks belong to the whole database, which several services may share.
        let name = sql::<Text>("current_schema() || '.' || ").bind::<Text, _>(name);
        let key = hashtextextended(name, 0_i64.into_sql::<BigInt>());
        within(diesel::select(pg_try_advisory_lock(key)).get_result(&mut self.conn)).await
    }

    /// Subscribes to the notifications of `<channel>_<schema>`, which only this service's schema sends.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn listen(&mut self, channel: &'static str) -> Result<(), PgError> {
        let listen =
            format!("DO $$ BEGIN EXECUTE format('LISTEN %I', '{channel}_' || current_schema()); END $$");
        within(sql_query(listen).execute(&mut self.conn)).await.map(drop)
    }

    /// Runs a query with a deadline of five seconds.
    ///
    /// # Errors
    /// What the query returns, and [`PgError::Unavailable`] when it takes longer.
    pub async fn query<T>(
        &mut self,
        query: impl AsyncFnOnce(&mut AsyncPgConnection) -> diesel::QueryResult<T>,
    ) -> Result<T, PgError> {
        within(query(&mut self.conn)).await
    }

    /// Waits for the next notification and returns its payload. Safe to drop at any time.
    ///
    /// # Errors
    /// When the connection is lost, and all that it held with it.
    pub async fn notified(&mut self) -> Result<String, PgError> {
        let mut notifications = std::pin::pin!(self.conn.notifications_stream());
        match notifications.next().await {
            Some(Ok(notification)) => Ok(notification.payload),
            Some(Err(error)) => Err(error.into()),
            None => Err(PgError::unavailable("the session ended")),
        }
    }

    /// Forgets the notifications that have come so far.
    ///
    /// # Errors
    /// When the connection is lost, and all that it held with it.
    pub fn drain(&mut self) -> Result<(), PgError> {
        let mut notifications = std::pin::pin!(self.conn.notifications_stream());
        while let Some(notification) = notifications.next().now_or_never() {
            notification.ok_or_else(|| PgError::unavailable("the session ended"))??;
        }
        Ok(())
    }

    /// Asks whether the connection still stands.
    ///
    /// # Errors
    /// When it does not, or does not answer within five seconds.
    pub async fn ping(&mut self) -> Result<(), PgError> {
        let ping = run::select_one(&mut self.conn);
        tokio::time::timeout(ANSWER, ping).await.unwrap_or_else(|late| Err(PgError::unavailable(late)))
    }
}

async fn within<T>(query: impl Future<Output = diesel::QueryResult<T>>) -> Result<T, PgError> {
    match tokio::time::timeout(ANSWER, query).await {
        Ok(result) => Ok(result?),
        Err(late) => Err(PgError::unavailable(late)),
    }
}
