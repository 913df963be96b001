use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::{LlmError, ModelInfo, Purpose};

/// How a simulated model behaves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SimSettings {
    /// How long it thinks before the first token.
    pub latency_ms: u64,
    /// The same for one purpose, over `latencyMs`.
    pub latency_by_purpose: BTreeMap<Purpose, u64>,
    /// How long each further token takes in a stream.
    pub token_ms: u64,
    /// How well founded its answers are, 1 to 10.
    pub quality: u8,
    /// How many points more (or fewer) than others it gives.
    pub leniency: i8,
    /// What goes wrong, if anything.
    pub fail: Option<SimFailure>,
    /// For which purposes it goes wrong; for all of them when empty.
    pub fail_purposes: Vec<Purpose>,
}

impl Default for SimSettings {
    fn default() -> Self {
        Self {
            latency_ms: 0,
            latency_by_purpose: BTreeMap::new(),
            token_ms: 0,
            quality: 5,
            leniency: 0,
            fail: None,
            fail_purposes: Vec::new(),
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SimFailure {
    /// It never answers.
    Hang,
    /// It answers with a fault of its own.
    Unavailable,
    /// It wants fewer calls.
    RateLimited,
    /// It is retired.
    ModelGone,
    /// It does not accept the key.
    Auth,
    /// It does not want to answer.
    Refused,
    /// Its stream breaks off half-way.
    Truncated,
    /// Asked for JSON it babbles; prose it writes well.
    Garbage,
    /// Asked for JSON it babbles once and obeys when told so.
    GarbageOnce,
    /// Its prose tells whoever judges it to give ten points, and says who wrote it.
    Injection,
}

impl SimSettings {
    pub(crate) fn latency(&self, purpose: Purpose) -> Duration {
        Duration::from_millis(self.latency_by_purpose.get(&purpose).copied().unwrap_or(self.latency_ms))
    }

    pub(crate) fn fails_with(&self, purpose: Purpose) -> Option<SimFailure> {
        self.fail.filter(|_| self.fail_purposes.is_empty() || self.fail_purposes.contains(&purpose))
    }
}

impl SimFailure {
    /// The error that takes the place of an answer, if one does.
    pub(crate) fn error(self, model: &ModelInfo) -> Option<LlmError> {
        match self {
            Self::Unavailable => Some(LlmError::Unavailable("500 Internal Server Error".to_owned())),
            Self::RateLimited => Some(LlmError::RateLimited { retry_after: Some(Duration::from_secs(2)) }),
            Self::ModelGone => Some(LlmError::ModelGone { model: model.name.clone() }),
            Self::Auth => Some(LlmError::Auth),
            Self::Refused => Some(LlmError::Refused),
            Self::Hang | Self::Truncated | Self::Garbage | Self::GarbageOnce | Self::Injection => None,
        }
    }
}
