//! What happens in a deliberation, as whoever listens is told it.

use crate::domain::call::{CallKey, CallStage, Called};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A stage began.
    Stage(CallStage),
    /// A model is asked.
    Asked {
        /// For what.
        key: CallKey,
        /// Its id in the registry.
        model: String,
    },
    /// A model wrote more.
    Text {
        /// In which call.
        key: CallKey,
        /// The next words.
        text: String,
    },
    /// A call ended.
    Ended {
        /// Which one.
        key: CallKey,
        /// Who was asked, by its id in the registry.
        model: String,
        /// How.
        called: Called,
    },
    /// The answers were scored: for each seat what an average reviewer gives its answer, where it has one.
    Scores(Vec<Option<f64>>),
}
