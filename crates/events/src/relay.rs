use witan_clock::Clock;
use witan_lifecycle::Lifecycle;
use witan_pg::Pg;

use crate::Amqp;

/// Sends what is in the outbox.
pub struct Relay;

impl Relay {
    /// Starts the relay of `service`; of all its replicas' relays one is active.
    pub fn spawn(pg: &Pg, amqp: &Amqp, clock: &Clock, lifecycle: &Lifecycle, service: &'static str) {
        let _ = (pg, amqp, clock, lifecycle, service);
    }
}
