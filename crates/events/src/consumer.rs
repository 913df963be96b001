//! One queue and its handler.
//!
//! Events of one subject are handled one after the other, in the order they come; those of different subjects
//! up to eight at a time. A handler that takes many gets what has come meanwhile in one transaction, in half as many lanes, each of
//! workspaces of its own, so that no two transactions want the same rows in another order.
//!
//! An event is acknowledged after the transaction of its effect. When the connection breaks, what was not begun is forgotten, what was begun
//! is finished, and then the queue is consumed anew: the broker delivers the rest again, and the inbox knows what is a repetition.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::{join, join_all};
use lapin::Channel;
use lapin::message::Delivery;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use tokio::sync::mpsc;
use witan_clock::Clock;
use witan_lifecycle::CancellationToken;
use witan_pg::Pg;

use crate::amqp::Announced;
use crate::backoff::Backoff;
use crate::effect::Effect;
use crate::error::{AmqpError, within};
use crate::topology::declare_queue;
use crate::{Amqp, wire};

const LANES: usize = 8;
/// Deliveries of each lane that are not acknowledged yet, at most; for whoever takes many, one turn's.
const PREFETCH: usize = 4;
/// For whoever takes many at a time: the fewer lanes there are, the more one turn has to do.
const LANES_OF_MANY: usize = 4;

pub(crate) struct Consumer {
    pub(crate) pg: Pg,
    pub(crate) amqp: Amqp,
    pub(crate) clock: Clock,
    pub(crate) queue: String,
    pub(crate) effect: Arc<dyn Effect>,
    pub(crate) stopping: CancellationToken,
}

impl Consumer {
    pub(crate) async fn run(self, mut announced: Announced) {
        let _user = self.amqp.user();
        let mut backoff = Backoff::default();
        while !self.stopping.is_cancelled() {
            match self.consume(&mut announced).await {
                Ok(()) => backoff.reset(),
                Err(error) => tracing::warn!(queue = self.queue, %error, "consuming is interrupted"),
            }
            let _ = self.stopping.run_until_cancelled(backoff.pause()).await;
        }
    }

    /// Consumes until the channel breaks or the process stops.
    async fn consume(&self, announced: &mut Announced) -> Result<(), AmqpError> {
        let Some(channel) = self.stopping.run_until_cancelled(self.amqp.consume_channel()).await else {
            return Ok(());
        };
        let channel = channel?;
        declare_queue(&channel, &self.queue, self.effect.patterns()).await?;
        announced.declared();
        within(channel.basic_qos(self.prefetch(), BasicQosOptions::default())).await?;
        let deliveries = within(channel.basic_consume(
            self.queue.as_str().into(),
            "".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        ))
        .await?;
        tracing::debug!(queue = self.queue, "consuming");

        let over = CancellationToken::new();
        // Bounded by the prefetch: the broker sends no more before something is acknowledged.
        let (lanes, inputs): (Vec<_>, Vec<_>) = (0..self.lanes()).map(|_| mpsc::unbounded_channel()).unzip();
        let work = join_all(inputs.into_iter().map(|input| self.lane(input, &over)));
        join(self.dispatch(&channel, deliveries, lanes, &over), work).await;
        let _ = within(channel.close(200, "bye".into())).await;
        Ok(())
    }

    async fn dispatch(
        &self,
        channel: &Channel,
        mut deliveries: lapin::Consumer,
        lanes: Vec<mpsc::UnboundedSender<Delivery>>,
        over: &CancellationToken,
    ) {
        loop {
            tokio::select! {
                delivery = deliveries.next() => match delivery {
                    Some(Ok(delivery)) => {
                        let _ = lanes[self.lane_of(&delivery)].send(delivery);
                    }
                    Some(Err(error)) => {
                        tracing::debug!(queue = self.queue, %error, "the channel broke");
                        break;
                    }
                    None => break,
                },
                () = self.stopping.cancelled() => {
                    let _ = within(channel.basic_cancel(deliveries.tag(), BasicCancelOptions::default())).await;
                    break;
                }
            }
        }
        over.cancel();
    }

    /// Handles what comes in, one turn after the other.
    async fn lane(&self, mut input: mpsc::UnboundedReceiver<Delivery>, over: &CancellationToken) {
        while let Some(Some(delivery)) = over.run_until_cancelled(input.recv()).await {
            let more = std::iter::from_fn(|| input.try_recv().ok());
            let turn = std::iter::once(delivery).chain(more).take(self.effect.most()).collect();
            self.process(turn, over).await;
        }
    }

    fn lanes(&self) -> usize {
        if self.takes_many() { LANES_OF_MANY } else { LANES }
    }

    fn prefetch(&self) -> u16 {
        let most = if self.takes_many() { self.effect.most() } else { PREFETCH };
        u16::try_from(self.lanes() * most).unwrap_or(u16::MAX)
    }

    fn takes_many(&self) -> bool {
        self.effect.most() > 1
    }

    /// The same for all events of a subject, or of a workspace.
    fn lane_of(&self, delivery: &Delivery) -> usize {
        let attribute = if self.takes_many() { "cloudEvents_workspaceid" } else { "cloudEvents_subject" };
        let mut hasher = DefaultHasher::new();
        let headers = delivery.properties.headers().as_ref();
        headers.and_then(|headers| wire::string(headers, attribute)).hash(&mut hasher);
        (hasher.finish() % self.lanes() as u64) as usize
    }
}
