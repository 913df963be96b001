use async_trait::async_trait;
use tokio::time::Instant;

use crate::{ChatRequest, ChatStream, Completion, LlmError, ModelInfo};

/// Somebody who runs models.
///
/// Implementations ask once and tell the truth: no retries, no silent reconnection, never a clean end after a broken
/// stream. Dropping the future or the stream gives the call up and closes its connection. Deadlines, cancellation,
/// breakers, spans and metrics are [`Models`](crate::Models)'.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// Asks, and waits for the whole answer.
    async fn complete(
        &self,
        model: &ModelInfo,
        request: &ChatRequest,
        deadline: Instant,
    ) -> Result<Completion, LlmError>;

    /// Asks, and hands on the answer as it comes.
    async fn stream(
        &self,
        model: &ModelInfo,
        request: &ChatRequest,
        deadline: Instant,
    ) -> Result<ChatStream, LlmError>;
}
