//! What is sent again in bulk.

mod answer;
pub(crate) mod cancel;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod view;

pub(crate) use answer::begin;
