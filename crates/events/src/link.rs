//! One connection to the broker, supervised.
//!
//! The client library can recover connections by itself, but gives up after a while, does not recover channels,
//! and hides that anything happened. Here a connection that fails is dropped with everything on it, and whoever
//! used it builds up again from a new one. It counts as failed when the library says so, when heartbeats of
//! 5 s stop, or when a probe is not answered for 5 s.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, Event};
use secrecy::ExposeSecret;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use witan_lifecycle::{CancellationToken, Lifecycle};

use crate::AmqpConfig;
use crate::backoff::Backoff;
use crate::error::{AmqpError, within};

const HEARTBEAT_SECONDS: u16 = 5;
const PROBE: Duration = Duration::from_secs(5);
/// How long consumers and the relay may take to finish after the process was asked to stop.
const FINISH: Duration = Duration::from_secs(20);

#[derive(Clone)]
pub(crate) struct Link {
    connection: watch::Receiver<Option<Arc<Connection>>>,
}

impl Link {
    /// Connects in the background.
    pub(crate) fn start(
        name: &'static str,
        config: &AmqpConfig,
        lifecycle: &Lifecycle,
        users: TaskTracker,
    ) -> Self {
        let (sender, connection) = watch::channel(None);
        let supervisor = Supervisor {
            name,
            url: config.url.expose_secret().to_owned(),
            sender,
            users,
            stopping: lifecycle.stopping(),
        };
        lifecycle.spawn("amqp connection", supervisor.run());
        Self { connection }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.connection.borrow().is_some()
    }

    /// Waits for the connection.
    pub(crate) async fn connected(&self) -> Option<Arc<Connection>> {
        let mut connection = self.connection.clone();
        connection.wait_for(Option::is_some).await.ok()?.clone()
    }

    /// A new channel on the connection, once there is one.
    pub(crate) async fn channel(&self) -> Result<Channel, AmqpError> {
        let connection = tokio::time::timeout(crate::error::ANSWER, self.connected()).await;
        let connection = connection.ok().flatten().ok_or(AmqpError::Late)?;
        within(connection.create_channel()).await
    }
}

struct Supervisor {
    name: &'static str,
    url: String,
    sender: watch::Sender<Option<Arc<Connection>>>,
    users: TaskTracker,
    stopping: CancellationToken,
}

impl Supervisor {
    async fn run(self) {
        let mut backoff = Backoff::default();
        while !self.stopping.is_cancelled() {
            match connect(&self.url, self.name).await {
                Ok(connection) => {
                    tracing::info!(link = self.name, "connected to the broker");
                    backoff.reset();
                    self.hold(connection).await;
                }
                Err(error) => tracing::warn!(link = self.name, %error, "the broker cannot be reached"),
            }
            let _ = self.stopping.run_until_cancelled(backoff.pause()).await;
        }
    }

    /// Offers a connection until it fails, or until nobody needs it any more.
    async fn hold(&self, connection: Connection) {
        let connection = Arc::new(connection);
        self.sender.send_replace(Some(connection.clone()));
        tokio::select! {
            why = failed(&connection) => tracing::warn!(link = self.name, why, "lost the broker"),
            () = self.finished() => {}
        }
        self.sender.send_replace(None);
        let close = connection.close(200, "bye".into());
        let _ = tokio::time::timeout(Duration::from_secs(1), close).await;
    }

    async fn finished(&self) {
        self.stopping.cancelled().await;
        self.users.close();
        let _ = tokio::time::timeout(FINISH, self.users.wait()).await;
    }
}

/// Returns when the connection is of no use any more, and says why.
async fn failed(connection: &Connection) -> String {
    let errors = async {
        let mut events = std::pin::pin!(connection.events_listener());
        loop {
            match events.next().await {
                Some(Event::Error(error)) => return error.to_string(),
                Some(Event::ConnectionBlocked(why)) => tracing::warn!(why, "the broker takes no messages"),
                Some(_) => {}
                None => return "the connection ended".to_owned(),
            }
        }
    };
    tokio::select! {
        why = errors => why,
        why = probe(connection) => why,
    }
}

async fn probe(connection: &Connection) -> String {
    loop {
        tokio::time::sleep(PROBE).await;
        let probe = async {
            let channel = within(connection.create_channel()).await?;
            within(channel.close(200, "probe".into())).await
        };
        if let Err(error) = probe.await {
            return error.to_string();
        }
    }
}

pub(crate) async fn connect(url: &str, name: &str) -> Result<Connection, AmqpError> {
    let mut uri: AMQPUri = url.parse().map_err(|_| AmqpError::Refused)?;
    uri.query.heartbeat = Some(HEARTBEAT_SECONDS);
    let properties = ConnectionProperties::default().with_connection_name(format!("witan {name}").into());
    within(Connection::connect_uri(uri, properties)).await
}
