use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use lapin::options::{BasicConsumeOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Connection, Consumer, ExchangeKind};
use witan_events::{EXCHANGE, Envelope, Event};

use crate::amqp::connect;

/// Everything published in one virtual host since this was made, in order.
pub struct Published {
    consumer: Consumer,
    kept: Vec<Envelope>,
    /// Closing it would end the consumer.
    _connection: Connection,
}

impl Published {
    pub(crate) async fn listen(amqp_url: &str) -> Result<Self> {
        let connection = connect(amqp_url).await?;
        let channel = connection.create_channel().await?;
        let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        channel
            .exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, durable, FieldTable::default())
            .await?;
        let own =
            QueueDeclareOptions { exclusive: true, auto_delete: true, ..QueueDeclareOptions::default() };
        let queue = channel.queue_declare("".into(), own, FieldTable::default()).await?;
        let name = queue.name().clone();
        channel
            .queue_bind(
                name.clone(),
                EXCHANGE.into(),
                "#".into(),
                QueueBindOptions::default(),
                FieldTable::default(),
            )
            .await?;
        let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
        let consumer = channel.basic_consume(name, "".into(), options, FieldTable::default()).await?;
        Ok(Self { consumer, kept: Vec::new(), _connection: connection })
    }

    /// The next event of this type with its data; others stay for later calls.
    ///
    /// # Panics
    /// When none comes, or its data does not fit.
    pub async fn next<E: Event>(&mut self) -> (Envelope, E) {
        let envelope = self.next_of(E::TYPE).await;
        let data = envelope.decode().expect("data of the event's type");
        (envelope, data)
    }

    /// The next event of this type; others stay for later calls.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next_of(&mut self, event_type: &str) -> Envelope {
        if let Some(index) = self.kept.iter().position(|envelope| envelope.event_type == event_type) {
            return self.kept.remove(index);
        }
        let seen = async {
            loop {
                let envelope = self.receive().await.expect("the broker's connection");
                if envelope.event_type == event_type {
                    return envelope;
                }
                self.kept.push(envelope);
            }
        };
        match tokio::time::timeout(crate::PATIENCE, seen).await {
            Ok(envelope) => envelope,
            Err(_) => panic!("no {event_type} was published, only {:?}", self.kept_types()),
        }
    }

    /// Everything that has arrived and was not asked for, after a moment in which nothing more came.
    ///
    /// # Panics
    /// When the broker's connection breaks.
    pub async fn rest(&mut self) -> Vec<Envelope> {
        while let Ok(envelope) = tokio::time::timeout(Duration::from_millis(300), self.receive()).await {
            self.kept.push(envelope.expect("the broker's connection"));
        }
        std::mem::take(&mut self.kept)
    }

    async fn receive(&mut self) -> Result<Envelope> {
        let delivery = self.consumer.next().await.context("the consumer ended")??;
        Ok(Envelope::from_delivery(&delivery)?)
    }

    fn kept_types(&self) -> Vec<&str> {
        self.kept.iter().map(|envelope| envelope.event_type.as_str()).collect()
    }
}
