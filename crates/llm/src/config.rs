use std::collections::HashSet;

use serde::Deserialize;
use url::Url;
use witan_config::Reader;

use crate::model::{Backend, OpenAiSettings};
use crate::sim::SimSettings;
use crate::{JsonMode, ModelInfo, Price};

const OPENAI: &str = "https://api.openai.com/v1";
const OPENAI_MODEL: &str = "gpt-4o-mini";

/// The models that can be asked.
#[derive(Debug, Clone)]
pub struct ModelsConfig {
    /// In the order in which they were given.
    pub models: Vec<ModelInfo>,
}

impl ModelsConfig {
    /// Reads `LLM_MODELS`, a JSON array of entries as the README shows. Without it: what `OPENAI_BASE_URL`,
    /// `OPENAI_API_KEY` and `OPENAI_MODELS` describe, and in development four simulated models besides.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let listed = r.optional::<Entries>("LLM_MODELS")?;
        let listed_any = listed.is_some();
        let mut models = Vec::new();
        for entry in listed.map(|entries| entries.0).unwrap_or_default() {
            models.push(entry.into_model(r)?);
        }
        models.extend(openai_from_env(r)?);
        if !listed_any && !r.environment().is_production() {
            models.extend(simulated());
        }
        check(&models).map_or_else(|why| r.mistake("LLM_MODELS", why), |()| Some(Self { models }))
    }

    /// Four simulated models of different speed and quality.
    pub fn simulated() -> Self {
        Self { models: simulated() }
    }

    /// The models of a JSON array, as `LLM_MODELS` takes it; only simulated ones and such as need no key.
    ///
    /// # Errors
    /// When the text is not such an array.
    pub fn from_json(json: &str) -> Result<Self, String> {
        let env = witan_config::Env::from([("LLM_MODELS", json)]);
        let mut reader = Reader::new(&env);
        let config = Self::read(&mut reader);
        reader.finish(|| config).map_err(|mistakes| mistakes.to_string())
    }
}

fn check(models: &[ModelInfo]) -> Result<(), String> {
    let mut ids = HashSet::new();
    if let Some(twice) = models.iter().find(|model| !ids.insert(model.id.as_str())) {
        return Err(format!("has two models with the id {}", twice.id));
    }
    for model in models {
        if let Some(unknown) = model.fallback.as_ref().filter(|fallback| !ids.contains(fallback.as_str())) {
            return Err(format!("names {unknown} as the fallback of {}, which is not there", model.id));
        }
    }
    if models.is_empty() {
        return Err(
            "is required in production, unless OPENAI_API_KEY or OPENAI_BASE_URL is set: otherwise only \
                    simulated models would answer"
                .to_owned(),
        );
    }
    Ok(())
}

/// Models of one OpenAI-compatible provider, described by three variables.
fn openai_from_env(r: &mut Reader<'_>) -> Option<Vec<ModelInfo>> {
    let api_key = r.optional_secret("OPENAI_API_KEY");
    let named = r.is_set("OPENAI_BASE_URL");
    let (base_url, names) = (r.url_or("OPENAI_BASE_URL", OPENAI), r.list::<String>("OPENAI_MODELS"));
    let (base_url, mut names) = (base_url?, names?);
    if api_key.is_none() && !named {
        return Some(Vec::new());
    }
    if names.is_empty() {
        names.push(OPENAI_MODEL.to_owned());
    }
    let model = |name: String| ModelInfo {
        id: format!("openai/{name}"),
        provider: "openai".to_owned(),
        name,
        price: None,
        context_tokens: None,
        fallback: None,
        backend: Backend::OpenAi(OpenAiSettings {
            base_url: base_url.clone(),
            api_key: api_key.clone(),
            json_mode: JsonMode::Schema,
        }),
    };
    Some(names.into_iter().map(model).collect())
}

fn simulated() -> Vec<ModelInfo> {
    let sim =
        |name: &str, latency_ms: u64, quality: u8, leniency: i8, price: Price, fallback: &str| ModelInfo {
            id: format!("sim/{name}"),
            provider: "sim".to_owned(),
            name: name.to_owned(),
            price: Some(price),
            context_tokens: Some(32_000),
            fallback: Some(format!("sim/{fallback}")),
            backend: Backend::Sim(SimSettings {
                latency_ms,
                quality,
                leniency,
                token_ms: 4,
                ..SimSettings::default()
            }),
        };
    let price = |input, output| Price { input, output };
    vec![
        sim("alpha", 120, 8, 0, price(150_000, 600_000), "beta"),
        sim("beta", 180, 6, 1, price(100_000, 400_000), "alpha"),
        sim("gamma", 240, 9, -1, price(500_000, 1_500_000), "delta"),
        sim("delta", 90, 4, 0, price(50_000, 200_000), "gamma"),
    ]
}

struct Entries(Vec<Entry>);

impl std::str::FromStr for Entries {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Serde's messages quote names and numbers of the text, and keys are not in it but named by variable.
        serde_json::from_str(text).map(Self).map_err(|error| format!("is not valid: {error}"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    id: String,
    provider: EntryProvider,
    name: Option<String>,
    base_url: Option<Url>,
    api_key_env: Option<String>,
    #[serde(default)]
    json_mode: JsonMode,
    price_micros: Option<Price>,
    context_tokens: Option<u32>,
    fallback: Option<String>,
    #[serde(default)]
    sim: SimSettings,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum EntryProvider {
    Sim,
    OpenAi,
}

impl Entry {
    fn into_model(self, r: &mut Reader<'_>) -> Option<ModelInfo> {
        let (who, rest) = match self.id.split_once('/') {
            Some((who, rest)) if !who.is_empty() && !rest.is_empty() => (who.to_owned(), rest.to_owned()),
            _ => return r.mistake("LLM_MODELS", "has an id that is not of the form `provider/model`"),
        };
        let backend = match self.provider {
            EntryProvider::Sim => Backend::Sim(self.sim),
            EntryProvider::OpenAi => Backend::OpenAi(OpenAiSettings {
                base_url: self.base_url.or_else(|| Url::parse(OPENAI).ok())?,
                api_key: match self.api_key_env {
                    Some(variable) => Some(r.secret(&variable)?),
                    None => None,
                },
                json_mode: self.json_mode,
            }),
        };
        Some(ModelInfo {
            provider: who,
            name: self.name.unwrap_or(rest),
            id: self.id,
            price: self.price_micros,
            context_tokens: self.context_tokens,
            fallback: self.fallback,
            backend,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use witan_config::Env;

    fn read(pairs: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let env: Env = pairs.iter().copied().collect();
        let mut reader = Reader::new(&env);
        let config = ModelsConfig::read(&mut reader);
        let config = reader.finish(|| config).map_err(|mistakes| mistakes.to_string())?;
        Ok(config.models.into_iter().map(|model| model.id).collect())
    }

    #[test]
    fn development_has_four_simulated_models() {
        assert_eq!(read(&[]).unwrap(), ["sim/alpha", "sim/beta", "sim/gamma", "sim/delta"]);
    }

    #[test]
    fn production_does_not_pretend() {
        let why = read(&[("WITAN_ENV", "production")]).unwrap_err();
        assert!(why.contains("LLM_MODELS is required in production"), "{why}");
        let key = ("OPENAI_API_KEY", "k");
        assert_eq!(read(&[("WITAN_ENV", "production"), key]).unwrap(), ["openai/gpt-4o-mini"]);
    }

    #[test]
    fn a_local_server_needs_no_key() {
        let pairs = [("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1"), ("OPENAI_MODELS", "llama3.2, qwen3")];
        assert_eq!(read(&pairs).unwrap()[..2], ["openai/llama3.2", "openai/qwen3"]);
    }

    #[test]
    fn mistakes_name_the_variable() {
        for (models, says) in [
            ("[", "is not valid"),
            (r#"[{"id":"x","provider":"sim"}]"#, "`provider/model`"),
            (r#"[{"id":"a/b","provider":"sim","fallback":"a/c"}]"#, "names a/c as the fallback"),
            (r#"[{"id":"a/b","provider":"sim"},{"id":"a/b","provider":"sim"}]"#, "two models"),
            (r#"[{"id":"a/b","provider":"sim","colour":"red"}]"#, "unknown field"),
        ] {
            let why = read(&[("LLM_MODELS", models)]).unwrap_err();
            assert!(why.contains("LLM_MODELS") && why.contains(says), "{why}");
        }
        let keyed = r#"[{"id":"groq/llama","provider":"openai","apiKeyEnv":"GROQ_API_KEY"}]"#;
        assert!(read(&[("LLM_MODELS", keyed)]).unwrap_err().contains("GROQ_API_KEY"));
    }
}
