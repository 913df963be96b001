//! What becomes of deliveries.

use std::slice::from_ref;

use lapin::message::Delivery;
use lapin::options::BasicAckOptions;
use tracing::{Instrument, Span};
use witan_lifecycle::CancellationToken;
use witan_telemetry::TraceContext;

use crate::backoff::Backoff;
use crate::consumer::Consumer;
use crate::effect::attempt;
use crate::error::{AmqpError, within};
use crate::morgue::{Cause, bury};
use crate::topology::matches;
use crate::{Envelope, HandleError, metrics, wire};

/// After how many tries an event that fails is given up.
const TRIES: u32 = 5;

impl Consumer {
    /// Handles a turn of deliveries until they are acknowledged, or until `over`.
    pub(crate) async fn process(&self, turn: Vec<Delivery>, over: &CancellationToken) {
        let left = if turn.len() > 1 { self.together(turn).await } else { turn };
        for delivery in left {
            if over.is_cancelled() {
                return;
            }
            self.alone(delivery, over).await;
        }
    }

    /// Handles several deliveries in one transaction, and gives back those that are to be handled alone: what cannot be read or is not
    /// wanted, and everything if the transaction failed, so that whoever is to blame fails alone.
    async fn together(&self, turn: Vec<Delivery>) -> Vec<Delivery> {
        let (mut taken, mut events, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for delivery in turn {
            match wire::decode(&delivery.properties, &delivery.data) {
                Ok(event) if self.wants(&event) => {
                    taken.push(delivery);
                    events.push(event);
                }
                _ => left.push(delivery),
            }
        }
        let spans: Vec<Span> = events.iter_mut().map(|event| self.span(event)).collect();
        let first = spans.first().cloned().unwrap_or_else(Span::none);
        match attempt(&self.effect, &self.pg, &self.queue, &events).instrument(first).await {
            Ok(fresh) => {
                for ((delivery, event), fresh) in taken.iter().zip(&events).zip(fresh) {
                    self.settled(self.acknowledge(delivery, outcome(fresh), event).await);
                }
            }
            Err(error) => {
                tracing::debug!(queue = self.queue, events = events.len(), %error, "events are handled one by one");
                left.splice(0..0, taken);
            }
        }
        left
    }

    async fn alone(&self, delivery: Delivery, over: &CancellationToken) {
        let settled = match wire::decode(&delivery.properties, &delivery.data) {
            Ok(mut event) => {
                let span = self.span(&mut event);
                self.handle(&event, &delivery, over).instrument(span).await
            }
            Err(error) => self.give_up(&delivery, Cause::poison(error.to_string()), over).await,
        };
        self.settled(settled);
    }

    fn settled(&self, settled: Result<(), AmqpError>) {
        if let Err(error) = settled {
            tracing::debug!(queue = self.queue, %error, "not acknowledged; it will be delivered again");
        }
    }

    fn wants(&self, event: &Envelope) -> bool {
        self.effect.patterns().iter().any(|pattern| matches(pattern, &event.event_type))
    }

    async fn handle(
        &self,
        event: &Envelope,
        delivery: &Delivery,
        over: &CancellationToken,
    ) -> Result<(), AmqpError> {
        if !self.wants(event) {
            return self.acknowledge(delivery, "unwanted", event).await;
        }
        let mut backoff = Backoff::default();
        let mut cause: Option<Cause> = None;
        loop {
            let error = match attempt(&self.effect, &self.pg, &self.queue, from_ref(event)).await {
                Ok(fresh) => {
                    let fresh = fresh.into_iter().all(|fresh| fresh);
                    return self.acknowledge(delivery, outcome(fresh), event).await;
                }
                Err(error) => error,
            };
            // While the database is away no event is to blame.
            if self.is_outage(&error).await {
                tracing::warn!(queue = self.queue, %error, "the database is away; events are held");
            } else {
                let cause = Cause::next(&mut cause, &error);
                if cause.tries >= TRIES || matches!(error, HandleError::Poison(_)) {
                    return self.give_up(delivery, cause.clone(), over).await;
                }
                tracing::warn!(queue = self.queue, event = %event.id, tries = cause.tries, %error, "handling failed");
            }
            if over.run_until_cancelled(backoff.pause()).await.is_none() {
                return Err(AmqpError::Late);
            }
        }
    }

    async fn is_outage(&self, error: &HandleError) -> bool {
        let HandleError::Database(error) = error else { return false };
        error.is_transient() && self.pg.ping().await.is_err()
    }

    async fn acknowledge(
        &self,
        delivery: &Delivery,
        outcome: &'static str,
        event: &Envelope,
    ) -> Result<(), AmqpError> {
        let age = (self.clock.now() - event.time).to_std().ok();
        metrics::consumed(&self.queue, outcome, age);
        within(delivery.ack(BasicAckOptions::default())).await.map(drop)
    }

    /// Parks a message in the dead-letter queue, and only then lets go of it.
    async fn give_up(
        &self,
        delivery: &Delivery,
        cause: Cause,
        over: &CancellationToken,
    ) -> Result<(), AmqpError> {
        let mut backoff = Backoff::default();
        while let Err(error) = bury(&self.amqp, &self.clock, &self.queue, delivery, &cause).await {
            tracing::warn!(queue = self.queue, %error, "a dead letter cannot be parked yet");
            if over.run_until_cancelled(backoff.pause()).await.is_none() {
                return Err(error);
            }
        }
        let id = delivery.properties.message_id().as_ref().map(|id| id.as_str());
        tracing::error!(
            queue = self.queue,
            event = id,
            reason = cause.last,
            "an event went to the dead letters"
        );
        metrics::consumed(&self.queue, "dead", None);
        within(delivery.ack(BasicAckOptions::default())).await.map(drop)
    }

    /// The processing of an event, as a child of its sending; from here on this is the event's place in the trace.
    fn span(&self, event: &mut Envelope) -> Span {
        let span = tracing::info_span!(
            parent: None,
            "process",
            otel.name = format!("process {}", self.queue),
            otel.kind = "consumer",
            messaging.system = "rabbitmq",
            messaging.operation.name = "process",
            messaging.destination.name = self.queue,
            messaging.message.id = %event.id,
            event.r#type = event.event_type,
        );
        event.trace.set_parent(&span);
        if !span.is_disabled() {
            event.trace = TraceContext::of(&span);
        }
        span
    }
}

fn outcome(fresh: bool) -> &'static str {
    if fresh { "done" } else { "duplicate" }
}
