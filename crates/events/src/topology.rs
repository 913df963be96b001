//! What must exist on the broker. Declared by whoever needs it, each time it connects.

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, ExchangeKind};

use crate::error::{AmqpError, within};

/// The topic exchange of all events; the routing key is the event's type.
pub const EXCHANGE: &str = "witan.events";

/// After how many deliveries the broker itself takes a message for poison: one that kills its consumer.
const DELIVERY_LIMIT: i32 = 20;

pub(crate) async fn declare_exchange(channel: &Channel) -> Result<(), AmqpError> {
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    within(channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, options, FieldTable::default()))
        .await
}

/// The queue of what `queue` could not process.
pub(crate) fn dead_queue(queue: &str) -> String {
    format!("{queue}.dead")
}

/// Declares a consumer's queue, its dead-letter queue and its bindings.
pub(crate) async fn declare_queue(
    channel: &Channel,
    queue: &str,
    patterns: &[&str],
) -> Result<(), AmqpError> {
    let options = QueueDeclareOptions { durable: true, ..Default::default() };
    let dead = dead_queue(queue);
    within(channel.queue_declare(dead.as_str().into(), options, quorum())).await?;
    within(channel.queue_declare(queue.into(), options, arguments(dead))).await?;
    bind(channel, queue, patterns).await
}

/// Declares a queue that exists only as long as this connection, and its bindings; returns its name.
pub(crate) async fn declare_broadcast(channel: &Channel, patterns: &[&str]) -> Result<String, AmqpError> {
    let options = QueueDeclareOptions { exclusive: true, auto_delete: true, ..Default::default() };
    let queue = within(channel.queue_declare("".into(), options, FieldTable::default())).await?;
    let name = queue.name().to_string();
    bind(channel, &name, patterns).await?;
    Ok(name)
}

async fn bind(channel: &Channel, queue: &str, patterns: &[&str]) -> Result<(), AmqpError> {
    declare_exchange(channel).await?;
    for pattern in patterns {
        let bind = channel.queue_bind(
            queue.into(),
            EXCHANGE.into(),
            (*pattern).into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        );
        within(bind).await?;
    }
    Ok(())
}

fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments
}

/// One replica at a time consumes a queue, and the next takes over when it goes: two would mix up the order of
/// an aggregate's events.
fn arguments(dead: String) -> FieldTable {
    let mut arguments = quorum();
    arguments.insert("x-single-active-consumer".into(), AMQPValue::Boolean(true));
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(DELIVERY_LIMIT));
    arguments.insert("x-dead-letter-exchange".into(), text(""));
    arguments.insert("x-dead-letter-routing-key".into(), text(&dead));
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments
}

pub(crate) fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(value.as_bytes().into())
}

/// Whether an event's type is one that a pattern asks for, by the rules of a topic exchange.
///
/// A queue keeps its old bindings when its consumer's patterns change; what they bring is not wanted.
pub(crate) fn matches(pattern: &str, event_type: &str) -> bool {
    fn rest(pattern: &[&str], segments: &[&str]) -> bool {
        match (pattern, segments) {
            ([], []) => true,
            (["#", pattern @ ..], segments) => {
                (0..=segments.len()).any(|skip| rest(pattern, &segments[skip..]))
            }
            (["*", pattern @ ..], [_, segments @ ..]) => rest(pattern, segments),
            ([word, pattern @ ..], [segment, segments @ ..]) if word == segment => rest(pattern, segments),
            _ => false,
        }
    }
    let (pattern, segments): (Vec<_>, Vec<_>) =
        (pattern.split('.').collect(), event_type.split('.').collect());
    rest(&pattern, &segments)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_a_topic_exchange_does() {
        for (pattern, yes, no) in [
            ("user.verified", "user.verified", "user.registered"),
            ("user.*", "user.verified", "user.verified.late"),
            ("agent.#", "agent.run.completed", "user.agent"),
            ("#", "anything.at.all", ""),
            ("#.completed", "agent.run.completed", "agent.run.failed"),
            ("*.run.*", "agent.run.failed", "agent.run"),
        ] {
            assert!(matches(pattern, yes), "{pattern} {yes}");
            assert!(no.is_empty() || !matches(pattern, no), "{pattern} {no}");
        }
    }
}
