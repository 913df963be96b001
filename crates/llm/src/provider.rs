use async_trait::async_trait;
use secrecy::SecretString;
use tokio::time::Instant;

use crate::{ChatRequest, ChatStream, Completion, LlmError, ModelInfo};

/// A question on its way to a provider.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// Whom it goes to.
    pub model: &'a ModelInfo,
    /// The question; its `model` may be another one's, which this one replaces.
    pub request: &'a ChatRequest,
    /// The caller's own key, in place of the platform's.
    pub key: Option<&'a SecretString>,
    /// When the answer must be complete.
    pub deadline: Instant,
}

/// Somebody who runs models.
///
/// Implementations ask once and tell the truth: no retries, no silent reconnection, never a clean end after a broken
/// stream. Dropping the future or the stream gives the call up and closes its connection. Deadlines, cancellation,
/// breakers, spans and metrics are [`Models`](crate::Models)'.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// Asks, and waits for the whole answer.
    async fn complete(&self, asking: Asking<'_>) -> Result<Completion, LlmError>;

    /// Asks, and hands on the answer as it comes.
    async fn stream(&self, asking: Asking<'_>) -> Result<ChatStream, LlmError>;
}
