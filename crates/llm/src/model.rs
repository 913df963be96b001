use chrono::NaiveDate;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::remote::Kind;
use crate::sim::SimSettings;
use crate::{ProviderKeys, Usage};

/// A model that can be asked.
#[derive(Debug, Clone)]
pub struct ModelInfo {
    /// Its id here, such as `groq/llama`.
    pub id: String,
    /// Who runs it: `openai`, `groq`, `sim`. Keys are by this name.
    pub provider: String,
    /// Its name at the provider.
    pub name: String,
    /// Whether its provider still serves it.
    pub status: ModelStatus,
    /// The first day on which it is not served any more, where the provider has said so.
    pub shutdown_on: Option<NaiveDate>,
    /// Who answers in its place once it is gone.
    pub replacement: Option<String>,
    /// What it costs, where known.
    pub price: Option<Price>,
    /// How many tokens it reads and writes at most in one call, where known.
    pub context_tokens: Option<u32>,
    /// Who answers in its place when it cannot.
    pub fallback: Option<String>,
    pub(crate) backend: Backend,
}

/// How long a model will be there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ModelStatus {
    /// Nobody has said that it will go.
    #[default]
    Active,
    /// Its provider has said that it will go.
    Deprecated,
    /// It is gone.
    Retired,
}

impl ModelStatus {
    /// As the API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Deprecated => "DEPRECATED",
            Self::Retired => "RETIRED",
        }
    }
}

/// How a model is reached.
#[derive(Debug, Clone)]
pub(crate) enum Backend {
    Sim(SimSettings),
    Remote(Remote),
}

/// A model behind HTTP.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    pub(crate) kind: Kind,
    pub(crate) base_url: url::Url,
    /// The platform's.
    pub(crate) api_key: Option<SecretString>,
    /// Whether it answers without a key, as a server of one's own does.
    pub(crate) open: bool,
    pub(crate) json_mode: JsonMode,
    /// Whether it refuses to be told a temperature.
    pub(crate) fixed_temperature: bool,
}

impl ModelInfo {
    /// Whether it only pretends.
    pub fn is_simulated(&self) -> bool {
        matches!(self.backend, Backend::Sim(_))
    }

    /// Whether it can be asked without anybody's own key.
    pub fn is_usable(&self) -> bool {
        match &self.backend {
            Backend::Sim(_) => true,
            Backend::Remote(remote) => remote.open || remote.api_key.is_some(),
        }
    }

    /// Whether it can be asked with these keys or without them.
    pub fn is_usable_with(&self, keys: Option<&ProviderKeys>) -> bool {
        self.is_usable() || keys.is_some_and(|keys| keys.of(&self.provider).is_some())
    }

    /// What it is on a day: a shutdown date that has come retires it.
    pub fn status_on(&self, day: NaiveDate) -> ModelStatus {
        match self.shutdown_on {
            Some(last) if last <= day => ModelStatus::Retired,
            _ => self.status,
        }
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
    /// With the schema, in the way of the provider's API.
    #[default]
    Schema,
    /// Without it: `response_format` that says JSON, JSON as the MIME type, or at Anthropic a tool that must be called.
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
