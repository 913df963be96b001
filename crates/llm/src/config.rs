mod platforms;
mod simulated;

use std::collections::HashSet;
use std::time::Duration;

use witan_config::Reader;

pub use self::platforms::PROVIDERS;
use self::platforms::Platforms;
use crate::registry::{Entries, Entry};
use crate::{ModelInfo, ModelStatus};

const FIRST_TOKEN: Duration = Duration::from_secs(60);
const IDLE: Duration = Duration::from_secs(30);

/// The models that can be asked.
#[derive(Debug, Clone)]
pub struct ModelsConfig {
    /// Those of the settings first, in the order in which they were given, then the shipped ones.
    pub models: Vec<ModelInfo>,
    /// How long they are waited for.
    pub limits: Limits,
    /// How many of them the settings name.
    named: usize,
}

/// How long a streamed answer is waited for, besides each call's own deadline.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// `LLM_FIRST_TOKEN_TIMEOUT`: from the question to the first words.
    pub first_token: Duration,
    /// `LLM_IDLE_TIMEOUT`: the longest silence after them.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { first_token: FIRST_TOKEN, idle: IDLE }
    }
}

impl ModelsConfig {
    /// Reads the platform's keys and `LLM_MODELS`, a JSON array of entries as the README shows, which go over the shipped
    /// ones. Without it development has four simulated models besides.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let platforms = Platforms::read(r);
        let listed = r.optional::<Entries>("LLM_MODELS");
        let first_token = r.duration("LLM_FIRST_TOKEN_TIMEOUT", FIRST_TOKEN);
        let idle = r.duration("LLM_IDLE_TIMEOUT", IDLE);
        let (platforms, listed) = (platforms?, listed?);
        let limits = Limits { first_token: first_token?, idle: idle? };
        let pretend = listed.is_none() && !r.environment().is_production();
        let listed = listed.map(|entries| entries.0).unwrap_or_default();
        let entries = match merged(listed, &platforms) {
            Ok(entries) => entries,
            Err(why) => return r.mistake("LLM_MODELS", why),
        };
        let named = entries.named;
        let mut models = Vec::new();
        for entry in entries.all {
            models.push(platforms.model(entry, r)?);
        }
        if pretend {
            models.extend(simulated::simulated());
        }
        check(&models)
            .map_or_else(|why| r.mistake("LLM_MODELS", why), |()| Some(Self { models, limits, named }))
    }

    /// Four simulated models of different speed and quality.
    pub fn simulated() -> Self {
        Self { models: simulated::simulated(), limits: Limits::default(), named: 0 }
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

    /// Models to ask together where nobody chose, `most` at the most: those that the settings name, otherwise one of each
    /// provider before a second one. Pretended answers have no place beside real ones.
    pub fn panel(&self, most: usize) -> Vec<&ModelInfo> {
        let usable = |models: &'_ [ModelInfo]| -> Vec<usize> {
            let there = |model: &ModelInfo| model.is_usable() && model.status != ModelStatus::Retired;
            (0..models.len()).filter(|at| there(&models[*at])).collect()
        };
        let all = usable(&self.models);
        let real: Vec<usize> = all.iter().copied().filter(|at| !self.models[*at].is_simulated()).collect();
        let named: Vec<usize> = real.iter().copied().filter(|at| *at < self.named).collect();
        let mut chosen = match (real.is_empty(), named.is_empty()) {
            (true, _) => all,
            (false, false) => named,
            (false, true) => real,
        };
        if chosen.first().is_some_and(|at| *at >= self.named) {
            // Stable: within a round the order of the list stays.
            let provider = |at: &usize| self.models[*at].provider.as_str();
            let round = |at: &usize| {
                chosen
                    .iter()
                    .take_while(|other| *other != at)
                    .filter(|other| provider(other) == provider(at))
                    .count()
            };
            let mut rounds: Vec<(usize, usize)> = chosen.iter().map(|at| (round(at), *at)).collect();
            rounds.sort();
            chosen = rounds.into_iter().map(|(_, at)| at).collect();
        }
        chosen.into_iter().take(most).map(|at| &self.models[at]).collect()
    }
}

struct Merged {
    all: Vec<Entry>,
    named: usize,
}

/// The entries of the settings, each over the shipped one of the same id, and then the other shipped ones.
fn merged(listed: Vec<Entry>, platforms: &Platforms) -> Result<Merged, String> {
    let mut shipped = Entries::shipped()?.0;
    let of_openai = platforms.openai_models();
    if !of_openai.is_empty() {
        // A server of one's own knows its own models only.
        shipped.retain(|entry| !entry.id.starts_with("openai/") || of_openai.contains(&entry.id));
    }
    let mut all: Vec<Entry> = Vec::new();
    let named = of_openai.into_iter().map(|id| Entry { id, ..Entry::default() });
    for entry in listed.into_iter().chain(named) {
        let base = shipped.iter().position(|other| other.id == entry.id).map(|at| shipped.remove(at));
        all.push(match base {
            Some(base) => entry.over(base),
            None => entry,
        });
    }
    let named = all.len();
    all.extend(shipped);
    let ids: HashSet<String> = all.iter().map(|entry| entry.id.clone()).collect();
    for entry in &mut all {
        // Only of a shipped entry whose replacement the settings have taken out; others are checked.
        entry.replacement.take_if(|id| id.starts_with("openai/") && !ids.contains(id));
    }
    Ok(Merged { all, named })
}

fn check(models: &[ModelInfo]) -> Result<(), String> {
    let mut ids = HashSet::new();
    if let Some(twice) = models.iter().find(|model| !ids.insert(model.id.as_str())) {
        return Err(format!("has two models with the id {}", twice.id));
    }
    for model in models {
        for (what, other) in [("fallback", &model.fallback), ("replacement", &model.replacement)] {
            if let Some(unknown) = other.as_ref().filter(|other| !ids.contains(other.as_str())) {
                return Err(format!("names {unknown} as the {what} of {}, which is not there", model.id));
            }
        }
    }
    if !models.iter().any(ModelInfo::is_usable) {
        return Err("is required in production, unless a provider's key or base URL is set: otherwise only \
                    simulated models would answer"
            .to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
