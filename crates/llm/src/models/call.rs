use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{LlmError, ModelInfo, ProviderKeys};

/// What ends a call before its answer does, and who pays for it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Fires when the caller gives up; the provider's connection is closed at once.
    pub cancel: CancellationToken,
    /// When the answer must be complete.
    pub deadline: Instant,
    keys: Option<Arc<ProviderKeys>>,
}

impl Call {
    /// A call that may take this long.
    pub fn within(timeout: Duration) -> Self {
        Self::until(Instant::now() + timeout)
    }

    /// A call that must be over at a time.
    pub fn until(deadline: Instant) -> Self {
        Self { cancel: CancellationToken::new(), deadline, keys: None }
    }

    /// The same call, given up when `cancel` fires.
    #[must_use]
    pub fn cancelled_by(mut self, cancel: &CancellationToken) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// The same call with keys that go before the platform's.
    #[must_use]
    pub fn with_keys(mut self, keys: Arc<ProviderKeys>) -> Self {
        self.keys = Some(keys);
        self
    }

    /// The keys that were brought along.
    pub fn keys(&self) -> Option<&ProviderKeys> {
        self.keys.as_deref()
    }

    /// The caller's own key for a model, and whose it is.
    pub(super) fn key(&self, model: &ModelInfo) -> Option<(&str, &SecretString)> {
        let keys = self.keys.as_deref()?;
        Some((keys.owner(), keys.of(&model.provider)?))
    }

    pub(super) async fn limit<T>(
        &self,
        work: impl Future<Output = Result<T, LlmError>>,
    ) -> Result<T, LlmError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(LlmError::Cancelled),
            answer = tokio::time::timeout_at(self.deadline, work) => answer.unwrap_or(Err(LlmError::Timeout)),
        }
    }
}
