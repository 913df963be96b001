use std::sync::Arc;
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use witan_ids::WorkspaceId;

use crate::connect::Connector;
use crate::lease::Lease;
use crate::session::Session;
use crate::work::Work;
use crate::{DatabaseConfig, PgError, SystemTx, TenantTx, attempt, metrics, role, run};

/// The database of one service; clones share one pool.
#[derive(Clone)]
pub struct Pg(Arc<Shared>);

struct Shared {
    pool: Pool<AsyncPgConnection>,
    connector: Connector,
    wait: Duration,
    transaction: Duration,
}

impl Pg {
    /// Opens the pool, with the name of the service for the server's lists.
    ///
    /// # Errors
    /// [`PgError::Role`] when the role could see around row-level security: a superuser, one with BYPASSRLS,
    /// or an owner of the tables. [`PgError::Unavailable`] when the database is away.
    ///
    /// # Panics
    /// Outside a Tokio runtime: the one it is called on is where connections will live.
    pub async fn connect(config: &DatabaseConfig, service: &str) -> Result<Self, PgError> {
        let connector = Connector::new(config, service)?;
        let pool = connector.pool(config.pool)?;
        let pg =
            Self(Arc::new(Shared { pool, connector, wait: config.wait, transaction: config.transaction }));
        role::check(&pg).await?;
        Ok(pg)
    }

    /// Runs `work` in a transaction on tables that belong to no tenant, and commits when it returns `Ok`.
    ///
    /// Runs it again, up to three times in all, when it lost against another transaction or met a dead connection. The name is
    /// that of the span and of the metrics.
    ///
    /// # Errors
    /// What `work` returns, and [`PgError`] for the transaction itself.
    pub fn tx<'a, T, E, F>(
        &'a self,
        name: &'static str,
        mut work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + 'a
    where
        F: for<'r, 'c> AsyncFnMut(&'r mut SystemTx<'c>) -> Result<T, E>
            + for<'r, 'c> Work<&'r mut SystemTx<'c>, Result<T, E>, Fut: Send>
            + Send
            + 'a,
        T: Send + 'a,
        E: From<PgError> + Send + 'a,
    {
        metrics::traced(name, async move {
            let mut tries = run::Tries::new(name);
            loop {
                let mut lease = self.lease().await?;
                let watch = attempt::begin(&mut lease, None)?;
                let outcome = self.deadline(Box::pin(work(&mut SystemTx::new(&mut lease)))).await;
                if let Some(result) = run::finish(self, lease, &watch, outcome, &mut tries).await {
                    return result;
                }
            }
        })
    }

    /// Runs `work` in a transaction in which only the rows of `workspace` exist; otherwise like [`tx`](Self::tx).
    ///
    /// # Errors
    /// What `work` returns, and [`PgError`] for the transaction itself.
    pub fn tenant<'a, T, E, F>(
        &'a self,
        name: &'static str,
        workspace: WorkspaceId,
        mut work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + 'a
    where
        F: for<'r, 'c> AsyncFnMut(&'r mut TenantTx<'c>) -> Result<T, E>
            + for<'r, 'c> Work<&'r mut TenantTx<'c>, Result<T, E>, Fut: Send>
            + Send
            + 'a,
        T: Send + 'a,
        E: From<PgError> + Send + 'a,
    {
        metrics::traced(name, async move {
            let mut tries = run::Tries::new(name);
            loop {
                let mut lease = self.lease().await?;
                let watch = attempt::begin(&mut lease, Some(workspace))?;
                let outcome = self.deadline(Box::pin(work(&mut TenantTx::new(&mut lease, workspace)))).await;
                if let Some(result) = run::finish(self, lease, &watch, outcome, &mut tries).await {
                    return result;
                }
            }
        })
    }

    /// Reads rows of `workspace`, in a transaction that is read-only and costs no round trip: BEGIN and the
    /// workspace travel with the first query, and nobody waits for COMMIT.
    ///
    /// # Errors
    /// What `work` returns, and [`PgError`] when there is no connection.
    pub fn tenant_read<'a, T, E, F>(
        &'a self,
        name: &'static str,
        workspace: WorkspaceId,
        mut work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + 'a
    where
        F: for<'r, 'c> AsyncFnMut(&'r mut TenantTx<'c>) -> Result<T, E>
            + for<'r, 'c> Work<&'r mut TenantTx<'c>, Result<T, E>, Fut: Send>
            + Send
            + 'a,
        T: Send + 'a,
        E: From<PgError> + Send + 'a,
    {
        metrics::traced(name, async move {
            let mut lease = self.lease().await?;
            attempt::begin_read(&lease, workspace);
            let outcome = self.deadline(Box::pin(work(&mut TenantTx::new(&mut lease, workspace)))).await;
            let result = outcome.map_err(E::from)?;
            attempt::end_read(&lease);
            lease.give_back();
            result
        })
    }

    /// Reads from tables that belong to no tenant, without a transaction: for one query.
    ///
    /// It hands out a bare connection, which nothing can be written with.
    ///
    /// # Errors
    /// What `work` returns, and [`PgError`] when there is no connection.
    pub fn read<'a, T, E, F>(
        &'a self,
        name: &'static str,
        mut work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + 'a
    where
        F: for<'r> AsyncFnMut(&'r mut AsyncPgConnection) -> Result<T, E>
            + for<'r> Work<&'r mut AsyncPgConnection, Result<T, E>, Fut: Send>
            + Send
            + 'a,
        T: Send + 'a,
        E: From<PgError> + Send + 'a,
    {
        metrics::traced(name, async move {
            let mut lease = self.lease().await?;
            let result = self.deadline(Box::pin(work(&mut lease))).await.map_err(E::from)?;
            lease.give_back();
            result
        })
    }

    /// Runs one statement that changes something and is a transaction of its own: it costs one round trip.
    ///
    /// For tables that belong to no tenant. Unlike [`tx`](Self::tx) it is never run again.
    ///
    /// # Errors
    /// What `work` returns, and [`PgError`] when there is no connection.
    pub fn write<'a, T, E, F>(
        &'a self,
        name: &'static str,
        mut work: F,
    ) -> impl Future<Output = Result<T, E>> + Send + 'a
    where
        F: for<'r> AsyncFnMut(&'r mut AsyncPgConnection) -> Result<T, E>
            + for<'r> Work<&'r mut AsyncPgConnection, Result<T, E>, Fut: Send>
            + Send
            + 'a,
        T: Send + 'a,
        E: From<PgError> + Send + 'a,
    {
        metrics::traced(name, async move {
            let mut lease = self.lease().await?;
            attempt::begin_write(&lease);
            let result = self.deadline(Box::pin(work(&mut lease))).await.map_err(E::from)?;
            attempt::end_write(&lease);
            lease.give_back();
            result
        })
    }

    /// A connection of its own, outside the pool, for an advisory lock or for notifications.
    ///
    /// # Errors
    /// [`PgError::Unavailable`] when none can be opened.
    pub async fn session(&self) -> Result<Session, PgError> {
        let conn = self.0.connector.open().await.map_err(PgError::unavailable)?;
        Session::new(conn).await
    }

    /// Whether the database answers, within half a second: for readiness.
    ///
    /// # Errors
    /// [`PgError::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<(), PgError> {
        let ping = self.read("ping", async |conn| run::select_one(conn).await);
        tokio::time::timeout(Duration::from_millis(500), ping)
            .await
            .unwrap_or_else(|late| Err(PgError::unavailable(late)))
    }

    /// How many connections are open, and how many of them nobody uses.
    pub fn connections(&self) -> (usize, usize) {
        let status = self.0.pool.status();
        (status.size, status.available)
    }

    /// A connection from the pool.
    async fn lease(&self) -> Result<Lease, PgError> {
        let got = tokio::time::timeout(self.0.wait, self.0.pool.get()).await;
        let conn = got.map_err(|_| PgError::unavailable("no connection in time"))?;
        Ok(Lease::new(conn.map_err(PgError::unavailable)?))
    }

    /// The limit that holds when the server says nothing at all; its own are shorter.
    pub(crate) async fn deadline<T>(&self, work: impl Future<Output = T>) -> Result<T, PgError> {
        tokio::time::timeout(self.0.transaction, work)
            .await
            .map_err(|_| PgError::unavailable("the transaction took too long"))
    }
}
