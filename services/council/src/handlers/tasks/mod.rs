//! Runs that are not waited for: asking, looking, following, stopping. A task is a run, under the same id.

pub(crate) mod cancel;
pub(crate) mod events;
pub(crate) mod queue;
pub(crate) mod show;
pub(crate) mod stream;
pub(crate) mod view;
