//! From the outbox to the broker.
//!
//! Of a service's replicas one relays: the one whose session holds an advisory lock. When it dies, its session
//! and with it the lock goes, and another one takes over within a second. A notification at each commit wakes
//! it; the poll in between is for notifications that were missed while it was elsewhere.
//!
//! A row is marked after the broker confirmed it. A relay that dies in between leaves it to be sent again, with
//! the same id, for the inbox to recognise. Rows go out in the order of their positions, which for one subject
//! is that of its commits. Two relays at once, when a lock was lost unnoticed, only repeat: the first time that
//! each event arrives is still in order.

use std::time::Duration;

use witan_clock::Clock;
use witan_lifecycle::{CancellationToken, Lifecycle};
use witan_pg::{Pg, PgError, Session};

use crate::backoff::Backoff;
use crate::error::AmqpError;
use crate::publisher::Publisher;
use crate::sweep::Sweep;
use crate::{Amqp, metrics, outbox};

const LOCK: &str = "witan.relay";
const CHANNEL: &str = "witan_outbox";
const POLL: Duration = Duration::from_millis(500);
const STANDBY: Duration = Duration::from_millis(500);
const BATCH: i64 = 200;

/// Sends what is in the outbox.
pub struct Relay {
    pg: Pg,
    amqp: Amqp,
    clock: Clock,
    service: &'static str,
    stopping: CancellationToken,
}

#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error(transparent)]
    Database(#[from] PgError),
    #[error(transparent)]
    Broker(#[from] AmqpError),
}

impl Relay {
    /// Starts the relay of `service`; of all its replicas' relays one is active.
    pub fn spawn(pg: &Pg, amqp: &Amqp, clock: &Clock, lifecycle: &Lifecycle, service: &'static str) {
        let relay = Self {
            pg: pg.clone(),
            amqp: amqp.clone(),
            clock: clock.clone(),
            service,
            stopping: lifecycle.stopping(),
        };
        lifecycle.spawn("event relay", relay.run());
    }

    async fn run(self) {
        let _user = self.amqp.user();
        let mut backoff = Backoff::default();
        while !self.stopping.is_cancelled() {
            if let Err(error) = self.lead(&mut backoff).await {
                tracing::warn!(service = self.service, %error, "the relay begins anew");
            }
            let _ = self.stopping.run_until_cancelled(backoff.pause()).await;
        }
    }

    /// Waits to be the active one, and then relays for as long as the session lives.
    async fn lead(&self, backoff: &mut Backoff) -> Result<(), RelayError> {
        let mut session = self.pg.session().await?;
        outbox::prepare(&mut session).await?;
        session.listen(CHANNEL).await?;
        while !session.try_lock(LOCK).await? {
            if self.stopping.run_until_cancelled(tokio::time::sleep(STANDBY)).await.is_none() {
                return Ok(());
            }
        }
        tracing::debug!(service = self.service, "this relay is active");
        let mut sweep = Sweep::new();
        // A broker that is away is no reason to give up the lock.
        while !self.stopping.is_cancelled() {
            sweep.turn(&mut session, self.service, self.clock.now()).await?;
            match self.relay(&mut session, &mut sweep, backoff).await {
                Ok(()) => return Ok(()),
                Err(RelayError::Broker(error)) => {
                    tracing::warn!(service = self.service, %error, "events wait for the broker");
                    let _ = self.stopping.run_until_cancelled(backoff.pause()).await;
                    session.ping().await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn relay(
        &self,
        session: &mut Session,
        sweep: &mut Sweep,
        backoff: &mut Backoff,
    ) -> Result<(), RelayError> {
        let publisher = Publisher::open(&self.amqp).await?;
        loop {
            sweep.turn(session, self.service, self.clock.now()).await?;
            let batch = outbox::unpublished(session, self.service, BATCH).await?;
            metrics::lag(self.service, batch.first().map(|row| self.clock.now() - row.event.time));
            if batch.is_empty() {
                if self.stopping.is_cancelled() {
                    return Ok(());
                }
                self.wait(session).await?;
                continue;
            }
            let (sent, outcome) = publisher.send(&batch).await;
            metrics::published(self.service, sent.len());
            outbox::mark(session, sent, self.clock.now()).await?;
            outcome?;
            backoff.reset();
        }
    }

    /// Until there may be something to send.
    async fn wait(&self, session: &mut Session) -> Result<(), PgError> {
        tokio::select! {
            notified = session.notified() => {
                notified?;
                // Every commit says so, and the next look sees what all of them have written.
                session.drain()
            }
            () = tokio::time::sleep(POLL) => Ok(()),
            () = self.stopping.cancelled() => Ok(()),
        }
    }
}
