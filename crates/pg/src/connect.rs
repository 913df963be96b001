use std::time::Duration;

use diesel::ConnectionError;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use futures_util::FutureExt;
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use witan_ids::WorkspaceId;

use crate::tx::select_workspace;
use crate::{DatabaseConfig, PgError};

const CONNECT: Duration = Duration::from_secs(2);
const KEEPALIVE: Duration = Duration::from_secs(10);

/// Opens connections with the limits of a configuration.
#[derive(Clone)]
pub(crate) struct Connector {
    config: tokio_postgres::Config,
    runtime: Handle,
}

impl Connector {
    /// # Errors
    /// When the URL is not one.
    pub(crate) fn new(database: &DatabaseConfig, service: &str) -> Result<Self, PgError> {
        let mut config: tokio_postgres::Config =
            database.url.expose_secret().parse().map_err(PgError::unavailable)?;
        let options = options(database, config.get_options().unwrap_or_default());
        config
            .options(options)
            .application_name(service)
            .connect_timeout(CONNECT)
            .keepalives_idle(KEEPALIVE)
            .tcp_user_timeout(KEEPALIVE * 2);
        Ok(Self { config, runtime: Handle::current() })
    }

    /// A new connection.
    ///
    /// Its driver runs on the runtime that the connector was made on: one that was opened by a request would
    /// otherwise die with the web server's worker thread.
    pub(crate) async fn open(&self) -> Result<AsyncPgConnection, ConnectionError> {
        let config = self.config.clone();
        #[expect(clippy::disallowed_methods, reason = "it ends with the attempt, which has a deadline")]
        let opening = self.runtime.spawn(async move { establish(&config).await });
        opening.await.unwrap_or_else(|error| Err(ConnectionError::BadConnection(error.to_string())))
    }

    pub(crate) fn pool(&self, size: usize) -> Result<Pool<AsyncPgConnection>, PgError> {
        let connector = self.clone();
        let mut config = ManagerConfig::default();
        // Asks whether the connection is open and outside a transaction, without a round trip.
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(move |_| {
            let connector = connector.clone();
            async move { connector.open().await }.boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config("", config);
        Pool::builder(manager).max_size(size).build().map_err(PgError::unavailable)
    }
}

async fn establish(config: &tokio_postgres::Config) -> Result<AsyncPgConnection, ConnectionError> {
    let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(error.to_string());
    let opening = async {
        let (client, connection) = config.connect(tokio_postgres::NoTls).await.map_err(bad)?;
        let conn = AsyncPgConnection::try_from_client_and_connection(client, connection).await?;
        // Prepared now, it never needs a round trip of its own later: see `Pg::tenant_read`.
        select_workspace(&conn, WorkspaceId::from_uuid(uuid::Uuid::nil()))
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(conn)
    };
    let late = || ConnectionError::BadConnection("no connection in time".to_owned());
    tokio::time::timeout(CONNECT * 2, opening).await.unwrap_or_else(|_| Err(late()))
}

/// Limits as start-up options, so that they cost no round trip and hold from the first statement on. What is not inside a transaction
/// that says that it writes does not write.
fn options(database: &DatabaseConfig, own: &str) -> String {
    format!(
        "{own} -c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} \
         -c client_connection_check_interval=1000 -c default_transaction_read_only=on",
        database.statement_timeout.as_millis(),
        database.lock_timeout.as_millis(),
        database.idle_in_transaction.as_millis(),
    )
}
