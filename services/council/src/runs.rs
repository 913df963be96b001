//! The life of a run.
//!
//! It is admitted (plan, row, lease), carried by a task of some process, and ended once. The task belongs to no request: a
//! client that hangs up does not end it. While a process carries it, its lease is extended; when the process dies or is asked
//! to end, another one takes the run over. How each call to a model ended stands in the run's journal and is not made
//! again; all that a run decides by chance follows from its id; so whoever carries it on comes to the same.
//!
//! What happens is told in the run's log, which streams, long polls and whoever waits read alike. Log and journal are written
//! only by the process that has the lease, in the attempt that it was given for. The end (row, members, reviews, last event,
//! and the event for other services) is one transaction.

mod admit;
mod begin;
mod cancel;
mod carry;
mod draw;
pub(crate) mod follow;
pub(crate) mod hold;
mod keeper;
mod load;
mod purse;
mod record;
mod retell;
mod story;
mod writer;

pub(crate) use admit::{Asked, ask, queue};
pub(crate) use cancel::cancel;
pub(crate) use keeper::keep;

use witan_web::{Code, codes};

/// The code of a run's failure, as stored.
pub(crate) fn failure(code: &str) -> &'static Code {
    let known = [&codes::council::QUORUM_NOT_MET, &codes::council::BUDGET_EXHAUSTED];
    known.into_iter().find(|known| known.code == code).unwrap_or(&codes::council::INTERRUPTED)
}
