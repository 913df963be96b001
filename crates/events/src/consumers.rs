use std::sync::Arc;

use witan_clock::Clock;
use witan_lifecycle::Lifecycle;
use witan_pg::Pg;

use crate::consumer::Consumer;
use crate::effect::{Effect, System, Tenant};
use crate::{Amqp, SystemHandler, TenantHandler};

/// The consumers of one service.
#[must_use = "nothing is consumed before `spawn`"]
pub struct Consumers {
    pg: Pg,
    amqp: Amqp,
    clock: Clock,
    lifecycle: Lifecycle,
    service: &'static str,
    effects: Vec<Arc<dyn Effect>>,
}

impl Consumers {
    /// No consumers yet.
    pub fn new(pg: &Pg, amqp: &Amqp, clock: &Clock, lifecycle: &Lifecycle, service: &'static str) -> Self {
        Self {
            pg: pg.clone(),
            amqp: amqp.clone(),
            clock: clock.clone(),
            lifecycle: lifecycle.clone(),
            service,
            effects: Vec::new(),
        }
    }

    /// Adds one for events of tenants.
    pub fn tenant(mut self, handler: impl TenantHandler) -> Self {
        self.effects.push(Arc::new(Tenant(handler)));
        self
    }

    /// Adds one for the system.
    pub fn system(mut self, handler: impl SystemHandler) -> Self {
        self.effects.push(Arc::new(System(handler)));
        self
    }

    /// Starts all of them.
    pub fn spawn(self) {
        for effect in self.effects {
            let consumer = Consumer {
                pg: self.pg.clone(),
                amqp: self.amqp.clone(),
                clock: self.clock.clone(),
                queue: format!("{}.{}", self.service, effect.name()),
                effect,
                stopping: self.lifecycle.stopping(),
            };
            let announced = self.amqp.announce();
            self.lifecycle.spawn("event consumer", consumer.run(announced));
        }
    }
}
