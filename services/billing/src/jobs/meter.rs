//! Consumes the events that cost something and counts each exactly once: the inbox row, the counter and what is told
//! of it are one transaction, so a second delivery finds its event already taken.

use async_trait::async_trait;
use witan_events::contracts::chat::v1::MessageCreated;
use witan_events::contracts::council::v1::{AgentRunCompleted, AgentRunFailed, ModelCalled};
use witan_events::contracts::webhooks::v1::DeliveriesCounted;
use witan_events::{Envelope, HandleError, TenantHandler};
use witan_pg::TenantTx;

use crate::app::App;
use crate::domain::metric::Metric;
use crate::ledger::{count, release};

/// The meter.
pub(crate) struct Meter(pub(crate) App);

#[async_trait]
impl TenantHandler for Meter {
    fn name(&self) -> &'static str {
        "meter"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &[
            "agent.run.completed",
            "agent.run.failed",
            "message.created",
            "model.called",
            "webhook.deliveries.counted",
        ]
    }

    async fn handle(&self, tx: &mut TenantTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        for (metric, amount) in self.usage(tx, envelope).await? {
            count(tx, &self.0, envelope.time, metric, amount).await?;
        }
        Ok(())
    }
}

impl Meter {
    /// What an event says was used; what was reserved for it is given back.
    async fn usage(
        &self,
        tx: &mut TenantTx<'_>,
        envelope: &Envelope,
    ) -> Result<Vec<(Metric, i64)>, HandleError> {
        Ok(match envelope.event_type.as_str() {
            "agent.run.completed" => {
                let run = envelope.decode::<AgentRunCompleted>()?;
                release(tx, &run.run_id).await?;
                let mut usage = models(run.input_tokens, run.output_tokens, run.cost_micros);
                usage.insert(0, (Metric::Runs, 1));
                usage
            }
            // A run that failed is not charged as one; what its models used was used.
            "agent.run.failed" => {
                let run = envelope.decode::<AgentRunFailed>()?;
                release(tx, &run.run_id).await?;
                models(run.input_tokens, run.output_tokens, run.cost_micros)
            }
            // The persona's answer is part of the message that asked for it.
            "message.created" if envelope.data["role"] == "user" => {
                let message = envelope.decode::<MessageCreated>()?;
                release(tx, &message.message_id).await?;
                vec![(Metric::Messages, 1)]
            }
            // A question to a plain model is a message; what a broken answer used was used.
            "model.called" => {
                let call = envelope.decode::<ModelCalled>()?;
                let mut usage = models(call.input_tokens, call.output_tokens, call.cost_micros);
                usage.insert(0, (Metric::Messages, i64::from(call.answered)));
                usage
            }
            "webhook.deliveries.counted" => {
                let counted = envelope.decode::<DeliveriesCounted>()?;
                vec![(Metric::Deliveries, i64::from(counted.deliveries))]
            }
            _ => Vec::new(),
        })
    }
}

fn models(input_tokens: u32, output_tokens: u32, cost_micros: i64) -> Vec<(Metric, i64)> {
    vec![
        (Metric::InputTokens, i64::from(input_tokens)),
        (Metric::OutputTokens, i64::from(output_tokens)),
        (Metric::CostMicros, cost_micros),
    ]
}
