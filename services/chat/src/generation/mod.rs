//! The making of one answer, in a task of its own: the person who asked may go away and come back.
//!
//! What holds:
//! - Messages have their ids and rows before anybody is asked; one answer at a time per conversation (a unique index).
//! - Every event is stored in `stream_events` before anybody sees it, and readers read that log: live, after a
//!   reconnection, on another replica, all see the same events with the same ids.
//! - The last event, the message's end and `message.created` are one transaction, made once: a message that has ended
//!   does not end again.
//! - The writer says every second that it is alive. A process that dies leaves a silent stream, which
//!   [`crate::jobs::sweep`] ends as failed. A stop may be asked of any replica; the writer sees it with its next sign of life.

pub(crate) mod begin;
pub(crate) mod finish;
pub(crate) mod follow;
pub(crate) mod run;
pub(crate) mod writer;

use witan_ids::StreamId;

use crate::store::stream_events::StreamEventRow;

/// A stream that this process writes.
pub(crate) type Listed = witan_web::sse::Listed<StreamId, StreamEventRow>;
