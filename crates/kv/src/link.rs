//! One connection to Redis per process, shared by all requests, whose commands are pipelined by themselves.
//!
//! While it is away nobody waits for it: commands fail at once and a task in the background dials again. The task
//! runs on the main runtime because the connection's driver lives where it was made, and those of the HTTP workers
//! end before the process does.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::{AsyncConnectionConfig, Client, RedisError, RedisResult};
use secrecy::ExposeSecret;
use tokio::sync::Notify;
use tokio::sync::watch;
use witan_clock::Clock;
use witan_lifecycle::Lifecycle;

use crate::{KvError, RedisConfig};

const DIAL_TIMEOUT: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LAST_PAUSE: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(crate) struct Link(Arc<Shared>);

struct Shared {
    client: Client,
    budget: Duration,
    current: RwLock<Current>,
    broken: Notify,
    up: watch::Sender<bool>,
}

#[derive(Default)]
struct Current {
    connection: Option<MultiplexedConnection>,
    /// Tells a connection from the one that replaced it.
    generation: u64,
}

impl Link {
    /// Begins to connect.
    pub(crate) fn open(config: &RedisConfig, clock: &Clock, lifecycle: &Lifecycle) -> Result<Self, KvError> {
        let client = Client::open(config.url.expose_secret()).map_err(KvError::Refused)?;
        let link = Self(Arc::new(Shared {
            client,
            budget: config.budget,
            current: RwLock::default(),
            broken: Notify::new(),
            up: watch::Sender::new(false),
        }));
        let (dialler, clock, stopping) = (link.clone(), clock.clone(), lifecycle.stopping());
        lifecycle.spawn("redis connection", async move {
            stopping.run_until_cancelled(dialler.keep_connected(clock)).await;
        });
        Ok(link)
    }

    /// Waits for a connection.
    pub(crate) async fn connected(&self) {
        // The sender lives as long as this does.
        let _ = self.0.up.subscribe().wait_for(|up| *up).await;
    }

    pub(crate) fn is_away(&self) -> bool {
        !*self.0.up.borrow()
    }

    /// Runs a command within the budget. A connection that fails or is late is not used again.
    pub(crate) async fn run<T>(
        &self,
        command: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, KvError> {
        let (mut connection, generation) = self.current().ok_or(KvError::Away)?;
        match tokio::time::timeout(self.0.budget, command(&mut connection)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                if breaks_connection(&error) {
                    self.drop_connection(generation);
                }
                Err(KvError::Refused(error))
            }
            Err(_) => {
                self.drop_connection(generation);
                Err(KvError::Late)
            }
        }
    }

    fn current(&self) -> Option<(MultiplexedConnection, u64)> {
        let current = self.0.current.read().unwrap_or_else(PoisonError::into_inner);
        current.connection.clone().map(|connection| (connection, current.generation))
    }

    fn drop_connection(&self, generation: u64) {
        let mut current = self.0.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.generation == generation && current.connection.take().is_some() {
            self.0.up.send_replace(false);
            self.0.broken.notify_one();
            tracing::warn!("lost Redis; limits, caches and breakers are local until it is back");
        }
    }

    async fn keep_connected(self, clock: Clock) {
        loop {
            let connection = self.dial(&clock).await;
            {
                let mut current = self.0.current.write().unwrap_or_else(PoisonError::into_inner);
                current.generation += 1;
                current.connection = Some(connection);
            }
            self.0.up.send_replace(true);
            tracing::debug!("connected to Redis");
            self.0.broken.notified().await;
        }
    }

    async fn dial(&self, clock: &Clock) -> MultiplexedConnection {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(DIAL_TIMEOUT))
            .set_response_timeout(Some(DIAL_TIMEOUT));
        let mut pause = FIRST_PAUSE;
        loop {
            match self.0.client.get_multiplexed_async_connection_with_config(&config).await {
                Ok(connection) => return connection,
                Err(error) => tracing::debug!(%error, "cannot connect to Redis"),
            }
            let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
            tokio::time::sleep(Duration::from_millis(clock.random_range(millis / 2..millis + 1))).await;
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }
}

/// An error that the server sent is an answer; any other means that the connection is of no use any more.
fn breaks_connection(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_connection_dropped()
        || error.is_timeout()
        || error.is_unrecoverable_error()
}
