//! What a front end's `useChat` sends.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use witan_ids::{AgentSessionId, ProjectId, StartupId};
use witan_llm::{Message, Role};
use witan_web::{Result, Tenant, Violations};

use crate::app::App;
use crate::domain::budget::RunBudget;
use crate::domain::conversation;
use crate::domain::mode::Mode;
use crate::handlers::agents::input::{RunAgent, good_prompt};
use crate::runs::Asked;

/// Of what a front end calls a chat.
const MAX_CHAT_ID: usize = 200;

/// A chat of which the last message is a question to the council. Members of the AI SDK that are not here change nothing.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SendChat {
    /// What the front end calls the chat; under it the answer is found again.
    #[schema(min_length = 1, max_length = 200, example = "bQ3vW8yX")]
    id: String,
    /// The chat; its last message is the user's.
    #[schema(min_items = 1, max_items = 1000)]
    messages: Vec<UiMessage>,
    /// Whom to ask: `legal`, `finance`, `investor`, `competitor`, or one of the workspace's own.
    #[schema(min_length = 1, max_length = 60, example = "finance")]
    agent: String,
    /// How to come to an answer; as the agent does unless told.
    #[schema(nullable = false)]
    mode: Option<Mode>,
    /// For `SINGLE` and `SELF_ENSEMBLE`: the model to ask; the agent's first member unless told.
    #[schema(max_length = 100, nullable = false, example = "sim/alpha")]
    model: Option<String>,
    /// A start-up of the workspace whose profile the council should know.
    startup_id: Option<StartupId>,
    /// The project that the run belongs to.
    #[schema(nullable = false)]
    project_id: Option<ProjectId>,
    /// One of one's own sessions: question and answer become part of it.
    #[schema(nullable = false)]
    session_id: Option<AgentSessionId>,
    /// What the run may take at most; the operator's limits hold besides.
    #[serde(default)]
    budget: RunBudget,
    /// Whatever else the AI SDK sends, such as `trigger`.
    #[serde(flatten)]
    _rest: HashMap<String, Value>,
}

/// A message of the AI SDK (`UIMessage`).
#[derive(Deserialize, ToSchema)]
pub(crate) struct UiMessage {
    /// `system`, `user` or `assistant`.
    #[schema(example = "user")]
    role: String,
    /// Parts of type `text` are read, files are refused, and others, such as our own `data-council-*`, are left aside.
    #[schema(max_items = 10000, example = json!([{ "type": "text", "text": "How long should our runway be?" }]))]
    parts: Vec<Value>,
    /// Whatever else the AI SDK has.
    #[serde(flatten)]
    _rest: HashMap<String, Value>,
}

impl SendChat {
    /// The question as it can be asked: the last message, with what was said before as context.
    ///
    /// # Errors
    /// 422 for what is not understood here, and those of a question to the council.
    pub(crate) async fn understood(self, app: &App, tenant: &Tenant) -> Result<Asked> {
        let mut violations = Violations::new();
        if !(1..=MAX_CHAT_ID).contains(&self.id.chars().count()) {
            violations.push("/id", "validation.length", "must have 1 to 200 characters");
        }
        let mut messages = self.conversation(&mut violations);
        let last = format!("/messages/{}", self.messages.len().saturating_sub(1));
        let question = messages.pop().filter(|last| last.role == Role::User);
        match &question {
            Some(question) => {
                violations.parse(&last, good_prompt(&question.content));
            }
            None if violations.is_empty() => {
                violations.push(&last, "validation.invalid", "must be the user's")
            }
            None => {}
        }
        let question = violations.build(|| question)?;
        let asked = RunAgent {
            agent: self.agent,
            prompt: question.content,
            mode: self.mode,
            model: self.model,
            startup_id: self.startup_id,
            project_id: self.project_id,
            session_id: self.session_id,
            // A session knows what was said in it.
            context: conversation::before(&messages).filter(|_| self.session_id.is_none()),
            budget: self.budget,
            ..RunAgent::default()
        };
        Ok(Asked { chat: Some(self.id), ..asked.understood(app, tenant).await? })
    }

    fn conversation(&self, violations: &mut Violations) -> Vec<Message> {
        let mut messages = Vec::new();
        for (at, message) in self.messages.iter().enumerate() {
            let make = violations.parse(format!("/messages/{at}/role"), message.role());
            let text = violations.parse(format!("/messages/{at}/parts"), message.text());
            messages.extend(make.zip(text).map(|(make, text)| make(text)));
        }
        messages
    }
}

impl UiMessage {
    fn role(&self) -> std::result::Result<fn(String) -> Message, &'static str> {
        match self.role.as_str() {
            "system" => Ok(Message::system),
            "user" => Ok(Message::user),
            "assistant" => Ok(Message::assistant),
            _ => Err("must be one of system, user, assistant"),
        }
    }

    /// What was said. Of an answer the last text: before it stands what a chair began and another one began anew.
    fn text(&self) -> std::result::Result<String, &'static str> {
        let mut texts = Vec::new();
        for part in &self.parts {
            match (part["type"].as_str(), part["text"].as_str()) {
                (Some("text"), Some(text)) => texts.push(text),
                (Some("text") | None, _) => return Err("must be parts of the AI SDK"),
                (Some("file"), _) => return Err("files are not understood here"),
                (Some(_), _) => {}
            }
        }
        if self.role == "assistant" {
            texts.drain(..texts.len().saturating_sub(1));
        }
        Ok(texts.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(message: Value) -> std::result::Result<String, &'static str> {
        serde_json::from_value::<UiMessage>(message).unwrap().text()
    }

    #[test]
    fn texts_are_read_and_other_parts_left_aside() {
        let said = json!([{ "type": "text", "text": "Why" }, { "type": "reasoning", "text": "x" },
            { "type": "text", "text": "so?" }]);
        assert_eq!(text(json!({ "id": "1", "role": "user", "parts": said })).unwrap(), "Why\nso?");
        let told = json!([{ "type": "step-start" }, { "type": "text", "text": "Ra" },
            { "type": "data-council-run", "data": {} }, { "type": "text", "text": "Raise", "state": "done" }]);
        assert_eq!(text(json!({ "role": "assistant", "metadata": {}, "parts": told })).unwrap(), "Raise");
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let file = json!([{ "type": "file", "mediaType": "image/png", "url": "data:," }]);
        assert!(text(json!({ "role": "user", "parts": file })).is_err());
        assert!(text(json!({ "role": "user", "parts": [{ "type": "text" }] })).is_err());
        assert!(text(json!({ "role": "user", "parts": ["x"] })).is_err());
    }
}
