//! A broker with events on it, and the command run as a program.

use std::process::{Output, Stdio};

use lapin::options::{
    BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::process::Command;
use witan_clock::Clock;
use witan_config::Env;
use witan_events::{EXCHANGE, Envelope};
use witan_ids::{EventId, WorkspaceId};
use witan_telemetry::TraceContext;

use crate::broker::Broker;

pub(crate) const QUEUE: &str = "probe.things";

pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) clock: Clock,
}

impl World {
    /// With the exchange, a queue of a consumer that is not there, and its dead letters.
    pub(crate) async fn create() -> Self {
        let world = Self { broker: Broker::create().await, clock: Clock::system() };
        let channel = world.channel().await;
        let durable = ExchangeDeclareOptions { durable: true, ..Default::default() };
        let none = FieldTable::default;
        channel.exchange_declare(EXCHANGE.into(), ExchangeKind::Topic, durable, none()).await.unwrap();
        world.declare(QUEUE).await;
        let bind = QueueBindOptions::default();
        channel.queue_bind(QUEUE.into(), EXCHANGE.into(), "#".into(), bind, none()).await.unwrap();
        world
    }

    /// A consumer's queue and its dead letters.
    pub(crate) async fn declare(&self, queue: &str) {
        let channel = self.channel().await;
        for queue in [queue.to_owned(), dead(queue)] {
            let durable = QueueDeclareOptions { durable: true, ..Default::default() };
            channel.queue_declare(queue.into(), durable, FieldTable::default()).await.unwrap();
        }
    }

    async fn channel(&self) -> Channel {
        let connection = Connection::connect(&self.url(), ConnectionProperties::default()).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
        // A connection ends when it is dropped; each test has a virtual host of its own.
        std::mem::forget(connection);
        channel
    }

    pub(crate) fn url(&self) -> String {
        self.broker.config().url.expose_secret().to_owned()
    }

    pub(crate) fn event(&self, event_type: &str, subject: &str, workspace: Option<WorkspaceId>) -> Envelope {
        Envelope {
            id: EventId::generate(&self.clock),
            source: "probe".to_owned(),
            event_type: event_type.to_owned(),
            time: self.clock.now(),
            subject: subject.to_owned(),
            workspace_id: workspace,
            sequence: 1,
            trace: TraceContext::default(),
            data: json!({ "name": "Analytical" }),
        }
    }

    pub(crate) async fn publish(&self, event: &Envelope) {
        let (properties, body) = event.to_message();
        self.send(EXCHANGE, &event.event_type, properties, body).await;
    }

    /// As a consumer leaves it that has given up.
    pub(crate) async fn bury(&self, event: &Envelope) {
        self.bury_in(QUEUE, event).await;
    }

    pub(crate) async fn bury_in(&self, queue: &str, event: &Envelope) {
        let (properties, body) = event.to_message();
        let mut headers = properties.headers().clone().unwrap_or_default();
        for (name, value) in [
            ("witan-reason", "failed"),
            ("witan-first-error", "the first error"),
            ("witan-last-error", "the last error"),
            ("witan-dead-at", "2026-11-21T12:00:00.000Z"),
        ] {
            headers.insert(name.into(), AMQPValue::LongString(value.into()));
        }
        headers.insert("witan-attempts".into(), AMQPValue::LongLongInt(5));
        self.send("", &dead(queue), properties.with_headers(headers), body).await;
    }

    async fn send(&self, exchange: &str, key: &str, properties: BasicProperties, body: Vec<u8>) {
        let channel = self.channel().await;
        let publish = BasicPublishOptions::default();
        let sent = channel.basic_publish(exchange.into(), key.into(), publish, &body, properties).await;
        assert!(sent.unwrap().await.unwrap().is_ack());
    }

    /// The ids and headers of what is in a queue, oldest first; they are taken.
    pub(crate) async fn take(&self, queue: &str) -> Vec<(String, FieldTable)> {
        let (channel, mut found) = (self.channel().await, Vec::new());
        let options = BasicGetOptions { no_ack: true };
        while let Some(message) = channel.basic_get(queue.into(), options).await.unwrap() {
            let properties = &message.delivery.properties;
            let id = properties.message_id().as_ref().map(ToString::to_string).unwrap_or_default();
            found.push((id, properties.headers().clone().unwrap_or_default()));
        }
        found
    }

    /// Runs the command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.unwrap()
    }

    /// What it prints, one JSON object a line.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_witan"));
        command.args(arguments).env("AMQP_URL", self.url()).kill_on_drop(true);
        let env = Env::process();
        command.env("AMQP_MANAGEMENT_URL", env.get("WITAN_TEST_AMQP_MANAGEMENT_URL").unwrap());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

pub(crate) fn dead(queue: &str) -> String {
    format!("{queue}.dead")
}
