//! Rows and queries. Row-level security adds the workspace to every one of them.

pub(crate) mod arrivals;
pub(crate) mod attempts;
pub(crate) mod backlog;
pub(crate) mod deliveries;
pub(crate) mod due;
pub(crate) mod endpoints;
pub(crate) mod held;
pub(crate) mod limits;
pub(crate) mod mentions;
pub(crate) mod messages;
pub(crate) mod ordered;
pub(crate) mod pull;
pub(crate) mod replayed;
pub(crate) mod replays;
pub(crate) mod retention;
pub(crate) mod secrets;
pub(crate) mod silences;
pub(crate) mod unmetered;
