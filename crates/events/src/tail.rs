//! Following events from outside of any service: for people who look.

use futures_util::StreamExt;
use lapin::options::BasicConsumeOptions;
use lapin::types::FieldTable;
use lapin::{Channel, Connection, Consumer};
use secrecy::ExposeSecret;

use crate::error::{AmqpError, within};
use crate::link::connect;
use crate::topology::declare_broadcast;
use crate::{AmqpConfig, DecodeError, Envelope, wire};

/// Every event that matches, from now on, through a queue that lives as long as the connection. Nobody else gets fewer.
pub struct Tail {
    deliveries: Consumer,
    // What is dropped is closed.
    _channel: Channel,
    _connection: Connection,
}

impl Tail {
    /// Connects and begins to listen to the types that match any of `patterns`, with AMQP's wildcards: `*` for one segment,
    /// `#` for any number.
    ///
    /// # Errors
    /// When the broker cannot be reached or refuses.
    pub async fn connect(config: &AmqpConfig, patterns: &[&str]) -> Result<Self, AmqpError> {
        let connection = connect(config.url.expose_secret(), "tail").await?;
        let channel = within(connection.create_channel()).await?;
        let queue = declare_broadcast(&channel, patterns).await?;
        let options = BasicConsumeOptions { no_ack: true, exclusive: true, ..Default::default() };
        let consume = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
        let deliveries = within(consume).await?;
        Ok(Self { deliveries, _channel: channel, _connection: connection })
    }

    /// The next one; none when the connection has ended. What is no event is told as such.
    ///
    /// # Errors
    /// When the connection broke.
    pub async fn next(&mut self) -> Result<Option<Result<Envelope, DecodeError>>, AmqpError> {
        match self.deliveries.next().await {
            Some(delivery) => {
                let delivery = delivery?;
                Ok(Some(wire::decode(&delivery.properties, &delivery.data)))
            }
            None => Ok(None),
        }
    }
}
