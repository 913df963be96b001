//! What could not be processed: to list, read, replay and drop it.

use lapin::message::{BasicGetMessage, Delivery};
use lapin::options::{BasicAckOptions, BasicGetOptions, ConfirmSelectOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection};
use secrecy::ExposeSecret;

pub use crate::error::AmqpError;
use crate::error::within;
use crate::link::connect;
use crate::morgue::{ATTEMPTS, DEAD_AT, FIRST_ERROR, LAST_ERROR, REASON};
use crate::publisher::{publish, settled};
use crate::topology::{self, dead_queue};
use crate::{AmqpConfig, Envelope, wire};

/// A message in a dead-letter queue.
#[derive(Debug, Clone, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// The event's id, `evt_…`, or whatever the message had for one.
    pub id: String,
    /// The queue whose consumer gave up.
    pub queue: String,
    /// Why: `poison`, `failed`, or `delivery_limit` when it was the broker who gave up.
    pub reason: String,
    /// How often it was tried.
    pub attempts: i64,
    /// The first error.
    pub first_error: String,
    /// The last error.
    pub last_error: String,
    /// When it was given up, RFC 3339; none if the broker did.
    pub dead_at: Option<String>,
    /// The event, if the message is one.
    pub event: Option<Envelope>,
    /// The body as it is.
    pub body: String,
}

/// The dead-letter queues of one broker.
pub struct DeadLetters {
    connection: Connection,
}

/// Which of a queue's dead letters.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// The one with this id.
    One(&'a str),
    /// Events of these types: `*` stands for one segment, `#` for any number.
    OfType(&'a str),
    /// Everything.
    All,
}

impl Which<'_> {
    fn is(self, delivery: &Delivery) -> bool {
        match self {
            Self::One(id) => id == message_id(delivery),
            Self::OfType(pattern) => wire::decode(&delivery.properties, &delivery.data)
                .is_ok_and(|event| topology::matches(pattern, &event.event_type)),
            Self::All => true,
        }
    }
}

enum Then {
    Keep,
    Remove,
}

impl DeadLetters {
    /// Connects.
    ///
    /// # Errors
    /// When the broker cannot be reached.
    pub async fn connect(config: &AmqpConfig) -> Result<Self, AmqpError> {
        Ok(Self { connection: connect(config.url.expose_secret(), "dead letters").await? })
    }

    /// The first `limit` of these dead letters of the consumer whose queue is `queue`, such as `billing.usage`.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn list(
        &self,
        queue: &str,
        which: Which<'_>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, AmqpError> {
        let mut letters = Vec::new();
        // Those of other types are looked at, too, and not counted.
        let looked_at = if matches!(which, Which::All) { limit } else { usize::MAX };
        self.walk(queue, looked_at, async |_, delivery| {
            if letters.len() < limit && which.is(delivery) {
                letters.push(read(queue, delivery));
            }
            Ok(Then::Keep)
        })
        .await?;
        Ok(letters)
    }

    /// One of them by the event's id.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn show(&self, queue: &str, id: &str) -> Result<Option<DeadLetter>, AmqpError> {
        Ok(self.list(queue, Which::One(id), 1).await?.pop())
    }

    /// Sends these back to the consumer; returns how many. The inbox recognises what did have an effect.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn replay(&self, queue: &str, which: Which<'_>) -> Result<usize, AmqpError> {
        self.remove(queue, which, async |channel, delivery| {
            let mut headers = FieldTable::default();
            let stored = delivery.properties.headers().clone().unwrap_or_default();
            for (name, value) in stored.inner() {
                if !name.as_str().starts_with("witan-") && !name.as_str().starts_with("x-") {
                    headers.insert(name.clone(), value.clone());
                }
            }
            let properties = delivery.properties.clone().with_headers(headers);
            let confirm = publish(channel, "", queue, &delivery.data, properties).await?;
            if settled(confirm).await?.is_some() { Err(AmqpError::Refused) } else { Ok(()) }
        })
        .await
    }

    /// Removes these; returns how many.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn discard(&self, queue: &str, which: Which<'_>) -> Result<usize, AmqpError> {
        self.remove(queue, which, async |_, _| Ok(())).await
    }

    async fn remove(
        &self,
        queue: &str,
        which: Which<'_>,
        mut before: impl AsyncFnMut(&Channel, &Delivery) -> Result<(), AmqpError>,
    ) -> Result<usize, AmqpError> {
        let mut removed = 0;
        self.walk(queue, usize::MAX, async |channel, delivery| {
            if !which.is(delivery) {
                return Ok(Then::Keep);
            }
            before(channel, delivery).await?;
            removed += 1;
            Ok(Then::Remove)
        })
        .await?;
        Ok(removed)
    }

    /// Shows each message that is there now to `visit`. Closing the channel puts back what is kept.
    async fn walk(
        &self,
        queue: &str,
        limit: usize,
        mut visit: impl AsyncFnMut(&Channel, &Delivery) -> Result<Then, AmqpError>,
    ) -> Result<(), AmqpError> {
        let channel = within(self.connection.create_channel()).await?;
        within(channel.confirm_select(ConfirmSelectOptions::default())).await?;
        let dead = dead_queue(queue);
        let mut left = limit;
        while left > 0 {
            let got = within(channel.basic_get(dead.as_str().into(), BasicGetOptions::default())).await?;
            let Some(BasicGetMessage { delivery, message_count, .. }) = got else { break };
            if let Then::Remove = visit(&channel, &delivery).await? {
                within(delivery.ack(BasicAckOptions::default())).await?;
            }
            left = (left - 1).min(message_count as usize);
        }
        within(channel.close(200, "bye".into())).await
    }
}

fn message_id(delivery: &Delivery) -> String {
    delivery.properties.message_id().as_ref().map(ToString::to_string).unwrap_or_default()
}

fn read(queue: &str, delivery: &Delivery) -> DeadLetter {
    let headers = delivery.properties.headers().clone().unwrap_or_default();
    let text = |name| wire::string(&headers, name);
    let attempts = match headers.inner().get(ATTEMPTS) {
        Some(AMQPValue::LongLongInt(attempts)) => *attempts,
        _ => 0,
    };
    DeadLetter {
        id: message_id(delivery),
        queue: queue.to_owned(),
        reason: text(REASON).unwrap_or_else(|| "delivery_limit".to_owned()),
        attempts,
        first_error: text(FIRST_ERROR).unwrap_or_default(),
        last_error: text(LAST_ERROR).unwrap_or_default(),
        dead_at: text(DEAD_AT),
        event: wire::decode(&delivery.properties, &delivery.data).ok(),
        body: String::from_utf8_lossy(&delivery.data).into_owned(),
    }
}
