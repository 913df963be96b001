use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Metric {
    /// Finished runs of the council.
    Runs,
    /// Messages that people sent to personas.
    Messages,
    /// Webhooks that arrived.
    Deliveries,
    /// Tokens that models read.
    InputTokens,
    /// Tokens that models wrote.
    OutputTokens,
    /// What the models cost, in millionths of the currency.
    CostMicros,
}

impl Metric {
    pub(crate) const ALL: [Self; 6] = [
        Self::Runs,
        Self::Messages,
        Self::Deliveries,
        Self::InputTokens,
        Self::OutputTokens,
        Self::CostMicros,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Messages => "messages",
            Self::Deliveries => "deliveries",
            Self::InputTokens => "inputTokens",
            Self::OutputTokens => "outputTokens",
            Self::CostMicros => "costMicros",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.as_str() == text)
    }
}
