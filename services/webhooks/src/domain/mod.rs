//! Rules of delivery; no IO.

pub(crate) mod body;
pub(crate) mod handshake;
pub(crate) mod health;
pub(crate) mod mode;
pub(crate) mod order;
pub(crate) mod outcome;
pub(crate) mod pattern;
pub(crate) mod rate;
pub(crate) mod replay;
pub(crate) mod schedule;
pub(crate) mod signature;
pub(crate) mod span;
pub(crate) mod state;
pub(crate) mod verification;
