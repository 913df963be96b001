use secrecy::SecretString;
use url::Url;
use witan_config::Reader;

use crate::model::{Backend, Remote};
use crate::registry::{Entry, EntryKind};
use crate::remote::Kind;
use crate::{JsonMode, ModelInfo};

/// The providers that keys can be given for, by the names that [`ModelInfo::provider`] has.
pub const PROVIDERS: [&str; 6] = ["anthropic", "google", "groq", "huggingface", "mistral", "openai"];

/// What the settings say of the providers.
pub(super) struct Platforms {
    all: Vec<Platform>,
    openai_models: Vec<String>,
}

struct Platform {
    id: &'static str,
    kind: Kind,
    base_url: Url,
    /// Whether the operator said where it is: such a server may need no key.
    moved: bool,
    api_key: Option<SecretString>,
}

impl Platforms {
    pub(super) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let openai = (r.url_or("OPENAI_BASE_URL", "https://api.openai.com/v1"), r.is_set("OPENAI_BASE_URL"));
        let groq = (r.url_or("GROQ_BASE_URL", "https://api.groq.com/openai/v1"), r.is_set("GROQ_BASE_URL"));
        let mistral =
            (r.url_or("MISTRAL_BASE_URL", "https://api.mistral.ai/v1"), r.is_set("MISTRAL_BASE_URL"));
        let huggingface =
            (r.url_or("HF_BASE_URL", "https://router.huggingface.co/v1"), r.is_set("HF_BASE_URL"));
        let anthropic =
            (r.url_or("ANTHROPIC_BASE_URL", "https://api.anthropic.com"), r.is_set("ANTHROPIC_BASE_URL"));
        let google = (
            r.url_or("GEMINI_BASE_URL", "https://generativelanguage.googleapis.com/v1beta"),
            r.is_set("GEMINI_BASE_URL"),
        );
        let openai_models = r.list("OPENAI_MODELS");
        let platform = |id, kind, base: (Option<Url>, bool), api_key| {
            let (base_url, moved) = (base.0?, base.1);
            Some(Platform { id, kind, base_url, moved, api_key })
        };
        let chat = Kind::OpenAi;
        let all = vec![
            platform("openai", chat, openai, r.optional_secret("OPENAI_API_KEY"))?,
            platform("groq", chat, groq, r.optional_secret("GROQ_API_KEY"))?,
            platform("mistral", chat, mistral, r.optional_secret("MISTRAL_API_KEY"))?,
            platform("huggingface", chat, huggingface, r.optional_secret("HF_TOKEN"))?,
            platform("anthropic", Kind::Anthropic, anthropic, r.optional_secret("ANTHROPIC_API_KEY"))?,
            platform("google", Kind::Gemini, google, r.optional_secret("GEMINI_API_KEY"))?,
        ];
        Some(Self { all, openai_models: openai_models? })
    }

    /// The ids of the models that `OPENAI_MODELS` names.
    pub(super) fn openai_models(&self) -> Vec<String> {
        self.openai_models.iter().map(|name| format!("openai/{name}")).collect()
    }

    /// The model of an entry.
    pub(super) fn model(&self, entry: Entry, r: &mut Reader<'_>) -> Option<ModelInfo> {
        let Some((who, rest)) = entry.parts().map(|(who, rest)| (who.to_owned(), rest.to_owned())) else {
            return r.mistake("LLM_MODELS", "has an id that is not of the form `provider/model`");
        };
        let platform = self.all.iter().find(|platform| platform.id == who);
        let kind = match (entry.provider, platform) {
            (Some(EntryKind::Sim), _) => {
                let settings = entry.sim.clone().unwrap_or_default();
                return Some(entry.into_model(&who, &rest, Backend::Sim(settings)));
            }
            (Some(EntryKind::Remote(kind)), _) => kind,
            (None, Some(platform)) => platform.kind,
            (None, None) => {
                return r.mistake("LLM_MODELS", format!("does not say the provider of {}", entry.id));
            }
        };
        let remote = self.remote(&entry, kind, platform, r)?;
        Some(entry.into_model(&who, &rest, Backend::Remote(remote)))
    }

    fn remote(
        &self,
        entry: &Entry,
        kind: Kind,
        platform: Option<&Platform>,
        r: &mut Reader<'_>,
    ) -> Option<Remote> {
        // The platform's key is for the platform's own address: a server of another one's never sees it.
        let platform = platform.filter(|platform| platform.kind == kind && entry.base_url.is_none());
        let api_key = match &entry.api_key_env {
            Some(variable) => Some(r.secret(variable)?),
            None => platform.and_then(|platform| platform.api_key.clone()),
        };
        let elsewhere = || self.all.iter().find(|platform| platform.kind == kind);
        let base_url = match &entry.base_url {
            Some(url) => url.clone(),
            None => platform.or_else(elsewhere)?.base_url.clone(),
        };
        Some(Remote {
            kind,
            base_url,
            open: api_key.is_none() && platform.map_or(entry.base_url.is_some(), |platform| platform.moved),
            api_key,
            json_mode: entry.json_mode.unwrap_or(JsonMode::Schema),
            fixed_temperature: entry.fixed_temperature.unwrap_or(false),
        })
    }
}
