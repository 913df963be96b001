use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use lapin::Confirmation;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use witan_events::{EXCHANGE, Envelope, Event};
use witan_host::Service;
use witan_ids::{EventId, WorkspaceId};
use witan_telemetry::TraceContext;

use crate::amqp::connect;
use crate::{TestService, eventually};

/// How long a service may take to declare its queues.
const LISTENING: Duration = Duration::from_secs(5);

impl<S: Service> TestService<S> {
    /// Another service says that something happened. Waits until somebody listens.
    ///
    /// # Panics
    /// When nobody does.
    pub async fn tell<E: Event>(&self, workspace: Option<WorkspaceId>, subject: &str, event: &E) -> Envelope {
        let envelope = Envelope {
            id: EventId::generate(self.clock()),
            source: "another-service".to_owned(),
            event_type: E::TYPE.to_owned(),
            time: self.clock().now(),
            subject: subject.to_owned(),
            workspace_id: workspace,
            sequence: 1,
            trace: TraceContext::default(),
            data: serde_json::to_value(event).expect("an event is JSON"),
        };
        self.repeat(&envelope).await;
        envelope
    }

    /// The same event once more, as after a relay that died before it could note its success.
    ///
    /// # Panics
    /// When nobody listens.
    pub async fn repeat(&self, envelope: &Envelope) {
        let url = self.broker().url();
        // Other queues than the one that it is for may take the event too, such as the test's own; then nobody would
        // notice that the service did not listen yet. A service that cannot connect is not waited for.
        if let Some(running) = &self.running {
            running.context().amqp.wait_ready(LISTENING).await;
        }
        // Before the service has connected there is not even an exchange.
        eventually("somebody who listens", async || send(&url, envelope).await.unwrap_or(false)).await;
    }
}

/// Whether the event reached a queue.
async fn send(amqp_url: &str, envelope: &Envelope) -> Result<bool> {
    let connection = connect(amqp_url).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let (properties, body) = envelope.to_message();
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let published = channel.basic_publish(
        EXCHANGE.into(),
        envelope.event_type.as_str().into(),
        options,
        &body,
        properties,
    );
    let confirmation = published.await?.await?;
    ensure!(!matches!(confirmation, Confirmation::NotRequested), "the broker confirms nothing");
    connection.close(200, "done".into()).await.context("the connection does not close")?;
    Ok(matches!(confirmation, Confirmation::Ack(None)))
}
