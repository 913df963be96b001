//! The life of a run.
//!
//! It is admitted (room, plan, row), carried by a task of its own, and ended once. The task belongs to the process, not
//! to the request: a client that hangs up does not end it. While it is carried, the run's lease is extended; when its
//! process dies, the lease runs out and a sweeper ends it as interrupted. Row, members, reviews and the event that tells
//! of the end are written in one transaction, which holds only if the run is still `RUNNING` and the lease still there:
//! whoever comes second changes nothing.

mod admit;
mod carry;
mod record;

pub(crate) use admit::{Asked, ask};
pub(crate) use record::interrupted;

use witan_web::{Code, codes};

/// The code of a run's failure, as stored.
pub(crate) fn failure(code: &str) -> &'static Code {
    if code == codes::council::QUORUM_NOT_MET.code {
        &codes::council::QUORUM_NOT_MET
    } else {
        &codes::council::INTERRUPTED
    }
}
