use std::time::Duration;

use anyhow::{Context as _, Result};
use lapin::{Connection, ConnectionProperties};
use tokio::time::timeout;

/// How long a broker may take to open a connection.
const ANSWER: Duration = Duration::from_secs(5);

/// A connection of a test's own.
///
/// # Errors
/// When the broker refuses, or is silent for [`ANSWER`]: one that is just starting may take the connection and never say
/// a word on it.
pub(crate) async fn connect(url: &str) -> Result<Connection> {
    timeout(ANSWER, Connection::connect(url, ConnectionProperties::default()))
        .await
        .context("the broker is silent")?
        .context("the broker refuses")
}
