//! What OpenAI's clients call. Errors under `/v1` have OpenAI's form.

pub(crate) mod complete;
pub(crate) mod models;
