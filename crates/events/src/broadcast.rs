use futures_util::StreamExt;
use lapin::options::BasicConsumeOptions;
use lapin::types::FieldTable;
use witan_lifecycle::{CancellationToken, Lifecycle};

use crate::amqp::Announced;
use crate::backoff::Backoff;
use crate::error::{AmqpError, within};
use crate::topology::declare_broadcast;
use crate::{Amqp, Envelope, wire};

/// Hands every event that matches to `on_event`, in each process, for as long as it is connected.
///
/// `on_gap` is called after every connection, also the first, because events may have been missed before it:
/// the moment to drop caches, or to read anew what is kept. `on_loss` is called when a connection ended: from then on
/// events are missed. All are called from one task and must not block.
pub fn broadcast(
    amqp: &Amqp,
    lifecycle: &Lifecycle,
    patterns: &'static [&'static str],
    on_event: impl Fn(Envelope) + Send + Sync + 'static,
    on_gap: impl Fn() + Send + Sync + 'static,
    on_loss: impl Fn() + Send + Sync + 'static,
) {
    let listener =
        Listener { amqp: amqp.clone(), stopping: lifecycle.stopping(), patterns, on_event, on_gap, on_loss };
    let announced = amqp.announce();
    lifecycle.spawn("event broadcast", listener.run(announced));
}

struct Listener<E, G, L> {
    amqp: Amqp,
    stopping: CancellationToken,
    patterns: &'static [&'static str],
    on_event: E,
    on_gap: G,
    on_loss: L,
}

impl<E: Fn(Envelope), G: Fn(), L: Fn()> Listener<E, G, L> {
    async fn run(self, mut announced: Announced) {
        let mut backoff = Backoff::default();
        while !self.stopping.is_cancelled() {
            let listened = self.stopping.run_until_cancelled(self.listen(&mut announced)).await;
            (self.on_loss)();
            match listened {
                Some(Err(error)) => tracing::debug!(%error, "the broadcast is interrupted"),
                Some(Ok(())) => backoff.reset(),
                None => return,
            }
            let _ = self.stopping.run_until_cancelled(backoff.pause()).await;
        }
    }

    async fn listen(&self, announced: &mut Announced) -> Result<(), AmqpError> {
        let channel = self.amqp.consume_channel().await?;
        let queue = declare_broadcast(&channel, self.patterns).await?;
        let options = BasicConsumeOptions { no_ack: true, exclusive: true, ..Default::default() };
        let consume = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
        let mut deliveries = within(consume).await?;
        // From here on nothing is missed, so what the callback reads anew is complete.
        (self.on_gap)();
        announced.declared();
        while let Some(delivery) = deliveries.next().await {
            let delivery = delivery?;
            match wire::decode(&delivery.properties, &delivery.data) {
                Ok(event) => (self.on_event)(event),
                Err(error) => tracing::warn!(%error, "a broadcast message is no event"),
            }
        }
        Ok(())
    }
}
