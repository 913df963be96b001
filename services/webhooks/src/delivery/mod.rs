//! One delivery from the row to the partner and back.
//!
//! What holds:
//! - A delivery is a row and a job, made in the transaction that took the event from the broker; whoever holds the job's
//!   lease makes the attempt. The process may die anywhere: then the lease runs out and the attempt is made again, with
//!   the same `webhook-id`.
//! - The attempt's log, the delivery's state, the endpoint's health and the end (or next time) of the job are one transaction.
//! - Deliveries about which there is nothing to decide are read, and written down when they arrived, many at a time ([`batches`]). A turn
//!   that fails costs nobody but time: each is then done by itself.
//! - One endpoint takes at most its own share of the workers ([`lanes`]), and none while its breaker is open.
//! - What is sent again in bulk has workers of its own and half of an endpoint's share, and little of it is on its way at
//!   a time ([`replay`]): a live event does not queue behind it.
//! - An endpoint's own limits ([`limits`]) hold over all processes; what is over them comes back later.
//! - Waiting for a share, a limit or a breaker costs no attempt of the schedule.

pub(crate) mod batches;
pub(crate) mod claim;
pub(crate) mod create;
pub(crate) mod glance;
pub(crate) mod lanes;
mod limits;
pub(crate) mod metrics;
pub(crate) mod ordered;
mod put_off;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod send;
pub(crate) mod settle;
pub(crate) mod turns;
