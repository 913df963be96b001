use futures_util::future::join_all;
use lapin::message::BasicReturnMessage;
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Channel, Confirmation, PublisherConfirm};
use tracing::Span;
use witan_ids::EventId;
use witan_telemetry::TraceContext;

use crate::error::{AmqpError, within};
use crate::outbox::Row;
use crate::topology::{EXCHANGE, declare_exchange};
use crate::{Amqp, metrics, wire};

/// A channel with confirms, for batches.
pub(crate) struct Publisher {
    channel: Channel,
}

impl Publisher {
    pub(crate) async fn open(amqp: &Amqp) -> Result<Self, AmqpError> {
        let channel = amqp.publish_channel().await?;
        declare_exchange(&channel).await?;
        Ok(Self { channel })
    }

    /// Sends a batch and only then waits for the confirms. Returns the events that the broker has taken, and
    /// how it went.
    pub(crate) async fn send(&self, batch: &[Row]) -> (Vec<EventId>, Result<(), AmqpError>) {
        let mut pending = Vec::with_capacity(batch.len());
        let mut outcome = Ok(());
        for row in batch {
            match self.publish(row).await {
                Ok(confirm) => pending.push(confirmed(row, confirm)),
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        let mut taken = Vec::with_capacity(pending.len());
        for confirm in join_all(pending).await {
            match confirm {
                Ok(id) => taken.push(id),
                Err(error) => outcome = Err(error),
            }
        }
        (taken, outcome)
    }

    async fn publish(&self, row: &Row) -> Result<(PublisherConfirm, Span), AmqpError> {
        let span = span(row);
        let trace = if span.is_disabled() { row.event.trace.clone() } else { TraceContext::of(&span) };
        let properties = wire::properties(&row.event, &trace);
        let confirm =
            publish(&self.channel, EXCHANGE, &row.event.event_type, row.body.as_bytes(), properties).await?;
        Ok((confirm, span))
    }
}

/// The span lasts until the broker has answered.
async fn confirmed(row: &Row, (confirm, span): (PublisherConfirm, Span)) -> Result<EventId, AmqpError> {
    let returned = settled(confirm).await?;
    drop(span);
    // Returned as unroutable (312): nobody has subscribed to this type, which is no failure.
    if returned.is_some() {
        tracing::debug!(event_type = row.event.event_type, "nobody subscribes to this event");
        metrics::unsubscribed(&row.event.event_type);
    }
    Ok(row.event.id)
}

/// Publishes one message as mandatory.
pub(crate) async fn publish(
    channel: &Channel,
    exchange: &str,
    key: &str,
    body: &[u8],
    properties: BasicProperties,
) -> Result<PublisherConfirm, AmqpError> {
    let options = BasicPublishOptions { mandatory: true, ..Default::default() };
    within(channel.basic_publish(exchange.into(), key.into(), options, body, properties)).await
}

/// Waits for the broker's confirm; `Some` is the message that it could not route.
pub(crate) async fn settled(confirm: PublisherConfirm) -> Result<Option<BasicReturnMessage>, AmqpError> {
    match within(confirm).await? {
        Confirmation::Ack(returned) => Ok(returned),
        Confirmation::Nack(_) | Confirmation::NotRequested => Err(AmqpError::Refused),
    }
}

/// The sending of an event, as a child of what caused it; none for an event outside any trace.
fn span(row: &Row) -> Span {
    let event = &row.event;
    if event.trace.is_empty() {
        return Span::none();
    }
    let span = tracing::info_span!(
        parent: None,
        "send",
        otel.name = format!("send {}", event.event_type),
        otel.kind = "producer",
        messaging.system = "rabbitmq",
        messaging.operation.name = "send",
        messaging.destination.name = EXCHANGE,
        messaging.message.id = %event.id,
    );
    event.trace.set_parent(&span);
    span
}
