//! OpenAI's chat completions in front of the council and of plain models, so that OpenAI's clients work as they are.

pub(crate) mod council;
pub(crate) mod fault;
pub(crate) mod plain;
pub(crate) mod question;
pub(crate) mod reply;
pub(crate) mod usage;

/// What the names of councils begin with; other names are models'.
pub(crate) const COUNCIL: &str = "council/";
