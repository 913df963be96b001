use std::time::Duration;

/// Why a model gave no answer, or no whole one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LlmError {
    /// The provider wants fewer calls.
    #[error("the provider limits the rate")]
    RateLimited {
        /// When it said to try again.
        retry_after: Option<Duration>,
    },
    /// The provider has more to do than it can.
    #[error("the provider is overloaded")]
    Overloaded {
        /// When it said to try again.
        retry_after: Option<Duration>,
    },
    /// There is no such model, or not any more.
    #[error("the model {model} is gone")]
    ModelGone {
        /// As the provider names it.
        model: String,
    },
    /// The provider did not like the question: a mistake of ours or in the settings.
    #[error("the provider refused the request: {0}")]
    BadRequest(String),
    /// The provider or the model does not want to answer this.
    #[error("the provider refused the content")]
    Refused,
    /// The stream broke off after it had begun.
    #[error("the answer broke off after {received} bytes of text")]
    BrokenStream {
        /// How much had come.
        received: usize,
    },
    /// No answer in time, or none for too long.
    #[error("no answer in time")]
    Timeout,
    /// It cannot be reached, or has a fault of its own.
    #[error("the provider does not answer: {0}")]
    Unavailable(String),
    /// The key is missing, wrong, or may not use the model.
    #[error("the provider does not accept the key")]
    Auth,
    /// The answer is not what the protocol says.
    #[error("the provider answered with something else than agreed: {0}")]
    Malformed(String),
    /// Its circuit breaker is open after failures; nothing was sent.
    #[error("the model is left alone after failures")]
    Open {
        /// When a try may be worth while.
        retry_after: Duration,
    },
    /// The caller gave up.
    #[error("the call was cancelled")]
    Cancelled,
}

impl LlmError {
    /// A word for metrics, the span's `error.type` and stored rows.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::Overloaded { .. } => "overloaded",
            Self::ModelGone { .. } => "model_gone",
            Self::BadRequest(_) => "bad_request",
            Self::Refused => "refused",
            Self::BrokenStream { .. } => "broken_stream",
            Self::Timeout => "timeout",
            Self::Unavailable(_) => "unavailable",
            Self::Auth => "auth",
            Self::Malformed(_) => "malformed",
            Self::Open { .. } => "circuit_open",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it says that the provider does not work, which its circuit breaker should know. A bad question, a
    /// refusal, a retired model or a caller who gave up say nothing of the kind.
    pub fn blames_provider(&self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::Overloaded { .. }
                | Self::Unavailable(_)
                | Self::BrokenStream { .. }
                | Self::Malformed(_)
                | Self::Auth
        )
    }

    /// Whether it says that the provider works, though not for this question. A model that is gone says nothing of it.
    pub(crate) fn proves_alive(&self) -> bool {
        matches!(self, Self::BadRequest(_) | Self::Refused)
    }
}
