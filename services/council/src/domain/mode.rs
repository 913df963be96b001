//! The ways in which a question is answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a council comes to its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// One model answers; nobody reviews it.
    Single,
    /// One model answers several times; its answers are reviewed and merged.
    SelfEnsemble,
    /// Several models answer, review each other without names, and a chair merges.
    Council,
    /// Several models give a short answer each; the one that most give wins. Nobody reviews.
    Vote,
}

impl Mode {
    /// As stored and as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Single => "SINGLE",
            Self::SelfEnsemble => "SELF_ENSEMBLE",
            Self::Council => "COUNCIL",
            Self::Vote => "VOTE",
        }
    }

    /// As stored; none for a text of a later version.
    pub fn from_column(text: &str) -> Option<Self> {
        [Self::Single, Self::SelfEnsemble, Self::Council, Self::Vote]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }

    /// Whether answers are reviewed, and a chair merges them.
    pub fn is_reviewed(self) -> bool {
        matches!(self, Self::SelfEnsemble | Self::Council)
    }
}
