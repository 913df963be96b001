//! Entries of the registry: those that are shipped, those of the settings, and how the latter go over the former.

use chrono::NaiveDate;
use serde::Deserialize;
use url::Url;

use crate::model::Backend;
use crate::remote::Kind;
use crate::sim::SimSettings;
use crate::{JsonMode, ModelStatus, Price};

/// What is shipped. The first active ones are those that a council takes where nobody chose.
const SHIPPED: &str = include_str!("registry.json");

/// A model as `LLM_MODELS` and the shipped list describe it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) provider: Option<EntryKind>,
    pub(crate) name: Option<String>,
    pub(crate) base_url: Option<Url>,
    pub(crate) api_key_env: Option<String>,
    pub(crate) json_mode: Option<JsonMode>,
    pub(crate) fixed_temperature: Option<bool>,
    pub(crate) status: Option<ModelStatus>,
    pub(crate) shutdown_on: Option<NaiveDate>,
    pub(crate) replacement: Option<String>,
    pub(crate) price_micros: Option<Price>,
    pub(crate) context_tokens: Option<u32>,
    pub(crate) fallback: Option<String>,
    pub(crate) sim: Option<SimSettings>,
}

/// Which API an entry speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EntryKind {
    /// None: it only pretends.
    Sim,
    #[serde(untagged)]
    Remote(Kind),
}

/// Several of them, as text.
pub(crate) struct Entries(pub(crate) Vec<Entry>);

impl Entries {
    /// Those that are shipped.
    pub(crate) fn shipped() -> Result<Self, String> {
        SHIPPED.parse()
    }
}

impl std::str::FromStr for Entries {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Serde's messages quote names and numbers of the text, and keys are not in it but named by variable.
        serde_json::from_str(text).map(Self).map_err(|error| format!("is not valid: {error}"))
    }
}

impl Entry {
    /// What this one leaves open, as the other says it.
    pub(crate) fn over(self, other: Self) -> Self {
        Self {
            id: self.id,
            provider: self.provider.or(other.provider),
            name: self.name.or(other.name),
            base_url: self.base_url.or(other.base_url),
            api_key_env: self.api_key_env.or(other.api_key_env),
            json_mode: self.json_mode.or(other.json_mode),
            fixed_temperature: self.fixed_temperature.or(other.fixed_temperature),
            status: self.status.or(other.status),
            shutdown_on: self.shutdown_on.or(other.shutdown_on),
            replacement: self.replacement.or(other.replacement),
            price_micros: self.price_micros.or(other.price_micros),
            context_tokens: self.context_tokens.or(other.context_tokens),
            fallback: self.fallback.or(other.fallback),
            sim: self.sim.or(other.sim),
        }
    }

    /// Who runs it, and what is left of its id: its name unless it has another.
    pub(crate) fn parts(&self) -> Option<(&str, &str)> {
        self.id.split_once('/').filter(|(who, rest)| !who.is_empty() && !rest.is_empty())
    }

    pub(crate) fn into_model(self, who: &str, rest: &str, backend: Backend) -> crate::ModelInfo {
        crate::ModelInfo {
            provider: who.to_owned(),
            name: self.name.unwrap_or_else(|| rest.to_owned()),
            id: self.id,
            status: self.status.unwrap_or_default(),
            shutdown_on: self.shutdown_on,
            replacement: self.replacement,
            price: self.price_micros,
            context_tokens: self.context_tokens,
            fallback: self.fallback,
            backend,
        }
    }
}
