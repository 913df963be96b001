use serde::Deserialize;

use crate::Usage;
use crate::sim::SimSettings;

/// A model that can be asked.
#[derive(Debug, Clone)]
pub struct ModelInfo {
    /// Its id here, such as `groq/llama`.
    pub id: String,
    /// Who runs it, as OpenTelemetry names providers: `openai`, `groq`, `sim`.
    pub provider: String,
    /// Its name at the provider.
    pub name: String,
    /// What it costs, where known.
    pub price: Option<Price>,
    /// How many tokens it reads and writes at most in one call, where known.
    pub context_tokens: Option<u32>,
    /// Who answers in its place when it cannot.
    pub fallback: Option<String>,
    pub(crate) backend: Backend,
}

/// How a model is reached.
#[derive(Debug, Clone)]
pub(crate) enum Backend {
    Sim(SimSettings),
    OpenAi(OpenAiSettings),
}

#[derive(Debug, Clone)]
pub(crate) struct OpenAiSettings {
    pub(crate) base_url: url::Url,
    pub(crate) api_key: Option<secrecy::SecretString>,
    pub(crate) json_mode: JsonMode,
}

impl ModelInfo {
    /// Whether it only pretends.
    pub fn is_simulated(&self) -> bool {
        matches!(self.backend, Backend::Sim(_))
    }

    /// What tokens of it cost, in millionths of the currency; zero where the price is not known.
    pub fn cost_micros(&self, usage: Usage) -> i64 {
        self.price.map_or(0, |price| price.of(usage))
    }
}

/// What a million tokens cost, in millionths of a US dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Price {
    /// Read.
    pub input: u64,
    /// Written.
    pub output: u64,
}

impl Price {
    /// The currency of every price: providers publish them in it.
    pub const CURRENCY: &'static str = "USD";

    /// What these tokens cost, in millionths of the currency, rounded up.
    pub fn of(&self, usage: Usage) -> i64 {
        const MILLION: u128 = 1_000_000;
        let cost = |tokens: u64, price: u64| u128::from(tokens) * u128::from(price);
        let sum = cost(usage.input_tokens, self.input).saturating_add(cost(usage.output_tokens, self.output));
        i64::try_from(sum.div_ceil(MILLION)).unwrap_or(i64::MAX)
    }
}

/// How a model is asked for JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JsonMode {
    /// `response_format` with the schema.
    #[default]
    Schema,
    /// `response_format` that says JSON; the schema is in the prompt only.
    Object,
    /// In the prompt only.
    Prompt,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_is_rounded_up_and_cannot_overflow() {
        let price = Price { input: 150_000, output: 600_000 };
        let usage = |input_tokens, output_tokens| Usage { input_tokens, output_tokens, estimated: false };
        assert_eq!(price.of(usage(1_000_000, 1_000_000)), 750_000);
        assert_eq!(price.of(usage(1, 0)), 1);
        assert_eq!(price.of(usage(0, 0)), 0);
        assert_eq!(Price { input: u64::MAX, output: u64::MAX }.of(usage(u64::MAX, u64::MAX)), i64::MAX);
    }
}
