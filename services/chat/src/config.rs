use std::time::Duration;

use witan_config::Reader;
use witan_llm::ModelsConfig;

/// How personas answer.
#[derive(Debug, Clone)]
pub struct ChatConfig {
    /// The models there are.
    pub(crate) models: ModelsConfig,
    /// Answers for personas that name no model; unless told, the first model that is not simulated.
    pub(crate) default_model: Option<String>,
    /// A whole answer, retries included.
    pub(crate) answer_timeout: Duration,
    /// The longest silence in an answer.
    pub(crate) idle_timeout: Duration,
    /// Messages a minute to one persona of a workspace.
    pub(crate) persona_rate: u32,
}

const ANSWER_TIMEOUT: Duration = Duration::from_secs(180);
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

impl ChatConfig {
    pub(crate) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let models = ModelsConfig::read(r);
        let default_model = r.optional("CHAT_DEFAULT_MODEL");
        let answer_timeout = r.duration("CHAT_ANSWER_TIMEOUT", ANSWER_TIMEOUT);
        let idle_timeout = r.duration("CHAT_IDLE_TIMEOUT", IDLE_TIMEOUT);
        let persona_rate = r.or("CHAT_PERSONA_RATE", 60);
        if persona_rate == Some(0) {
            return r.mistake("CHAT_PERSONA_RATE", "must be at least 1");
        }
        Some(Self {
            models: models?,
            default_model: default_model?,
            answer_timeout: answer_timeout?,
            idle_timeout: idle_timeout?,
            persona_rate: persona_rate?,
        })
    }
}
