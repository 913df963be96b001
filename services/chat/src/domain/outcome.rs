//! How an answer may end other than well.

use std::time::Duration;

use super::decoder::DecodeError;

/// Why there is no answer, or not all of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerError {
    /// The webhook never took the message.
    #[error("the persona cannot be reached")]
    Unreachable,
    #[error("the persona took too long")]
    Timeout,
    /// It took the message and failed, broke off, or sent what nobody can read.
    #[error("the persona could not answer")]
    Failed,
    /// Its breaker is open.
    #[error("the persona is given a rest")]
    Suspended(Duration),
    #[error("the answer is too long")]
    TooLong,
    /// The council may not run any more.
    #[error("the plan does not allow it")]
    Budget,
    /// This process is ending.
    #[error("the answer was interrupted")]
    Interrupted,
    /// A person stopped it, which is no failure.
    #[error("the answer was stopped")]
    Stopped,
}

impl AnswerError {
    /// The problem's code, as streams and stored messages name it.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unreachable => "chat.persona_unreachable",
            Self::Timeout => "chat.persona_timeout",
            Self::Failed => "chat.persona_failed",
            Self::Suspended(_) => "chat.persona_suspended",
            Self::TooLong => "chat.answer_too_long",
            Self::Budget => "chat.budget_reached",
            Self::Interrupted => "chat.interrupted",
            Self::Stopped => "chat.stopped",
        }
    }

    /// Whether the same message may be answered later.
    pub(crate) fn retryable(&self) -> bool {
        !matches!(self, Self::TooLong | Self::Budget | Self::Stopped)
    }

    /// When asking again may be worth while, if that is known.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Suspended(wait) => Some(*wait),
            _ => None,
        }
    }

    /// Whether the persona's backend is to blame, which is what its breaker counts.
    pub(crate) fn blames_backend(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Timeout | Self::Failed)
    }
}

impl From<DecodeError> for AnswerError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::TooLong => Self::TooLong,
            DecodeError::Reported | DecodeError::NotText | DecodeError::Empty => Self::Failed,
        }
    }
}
