//! Rules of personas, conversations and answers; no IO.

pub(crate) mod answer_text;
pub(crate) mod decoder;
pub(crate) mod outcome;
pub(crate) mod position;
pub(crate) mod prompt;
pub(crate) mod sse;
pub(crate) mod state;
pub(crate) mod title;
