use std::sync::Arc;

use witan_clock::Clock;
use witan_lifecycle::Lifecycle;
use witan_pg::Pg;

use crate::{Amqp, SystemHandler, TenantHandler};

/// The consumers of one service.
#[must_use = "nothing is consumed before `spawn`"]
pub struct Consumers {}

impl Consumers {
    /// No consumers yet.
    pub fn new(pg: &Pg, amqp: &Amqp, clock: &Clock, lifecycle: &Lifecycle, service: &'static str) -> Self {
        let _ = (pg, amqp, clock, lifecycle, service);
        Self {}
    }

    /// Adds one for events of tenants.
    pub fn tenant(self, handler: impl TenantHandler) -> Self {
        let _ = Arc::new(handler);
        self
    }

    /// Adds one for the system.
    pub fn system(self, handler: impl SystemHandler) -> Self {
        let _ = Arc::new(handler);
        self
    }

    /// Starts all of them.
    pub fn spawn(self) {}
}
