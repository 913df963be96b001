use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use witan_llm::{ChatRequest, JsonSchema, Message, Purpose};
use witan_web::{Result, Violations};

/// A conversation that somebody should go on with. Members of OpenAI's API that are not here change nothing.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChatCompletion {
    /// `council/` with the slug or id of an agent, or the id of a model.
    #[schema(min_length = 1, max_length = 200, example = "council/finance")]
    pub(crate) model: String,
    /// The conversation; its last message is the user's.
    #[schema(min_items = 1, max_items = 1000)]
    pub(crate) messages: Vec<ChatMessage>,
    /// 0 asks for the likeliest words. Councils have their own.
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f32>,
    /// The most tokens to write. Councils have their own.
    #[schema(minimum = 1)]
    max_completion_tokens: Option<u32>,
    /// The same by its older name.
    #[schema(minimum = 1)]
    max_tokens: Option<u32>,
    /// Whether the answer comes as events.
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    response_format: Option<ResponseFormat>,
    /// How many answers; there is one.
    #[schema(minimum = 1, maximum = 1)]
    #[serde(rename = "n")]
    _n: Option<u32>,
    /// Not understood here.
    tools: Option<Vec<Value>>,
    /// Whatever else OpenAI's API has.
    #[serde(flatten)]
    _rest: HashMap<String, Value>,
}

/// What somebody said.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChatMessage {
    /// `system`, `developer`, `user` or `assistant`.
    #[schema(example = "user")]
    role: String,
    /// A text, or a list of parts of type `text`.
    #[schema(example = "How long should our runway be?")]
    content: Option<Value>,
    /// Whatever else OpenAI's API has.
    #[serde(flatten)]
    _rest: HashMap<String, Value>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct StreamOptions {
    /// Whether the last event before `[DONE]` tells the usage.
    include_usage: Option<bool>,
    /// Whatever else OpenAI's API has.
    #[serde(flatten)]
    _rest: HashMap<String, Value>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ResponseFormat {
    /// `text`, `json_object` or `json_schema`.
    #[serde(rename = "type")]
    #[schema(example = "text")]
    kind: String,
    json_schema: Option<Wanted>,
    /// Whatever else OpenAI's API has.
    #[serde(flatten)]
    _rest: HashMap<String, Value>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Wanted {
    /// A JSON Schema with an object at its root.
    schema: Option<Value>,
    /// Whatever else OpenAI's API has.
    #[serde(flatten)]
    _rest: HashMap<String, Value>,
}

impl ChatCompletion {
    pub(crate) fn is_streamed(&self) -> bool {
        self.stream.unwrap_or(false)
    }

    pub(crate) fn wants_usage(&self) -> bool {
        self.stream_options.as_ref().and_then(|options| options.include_usage).unwrap_or(false)
    }

    /// The conversation in our words.
    ///
    /// # Errors
    /// 422 for what is not understood here.
    pub(crate) fn conversation(&self) -> Result<Vec<Message>> {
        let mut violations = Violations::new();
        if self.tools.as_ref().is_some_and(|tools| !tools.is_empty()) {
            violations.push("/tools", "validation.unsupported", "are not understood here");
        }
        let mut messages = Vec::new();
        for (at, message) in self.messages.iter().enumerate() {
            let text = violations.parse(format!("/messages/{at}/content"), message.text());
            let make = violations.parse(format!("/messages/{at}/role"), message.role());
            messages.extend(make.zip(text).map(|(make, text)| make(text)));
        }
        violations.build(|| Some(messages))
    }

    /// The question to a plain model.
    ///
    /// # Errors
    /// As [`conversation`](Self::conversation).
    pub(crate) fn request(&self) -> Result<ChatRequest> {
        let mut messages = self.conversation()?;
        let mut violations = Violations::new();
        let schema =
            match self.response_format.as_ref().map(|format| (format.kind.as_str(), &format.json_schema)) {
                None | Some(("text", _)) => None,
                Some(("json_object", _)) => {
                    messages.push(Message::system("Answer with one JSON object and nothing else."));
                    None
                }
                Some(("json_schema", Some(Wanted { schema: Some(schema), .. }))) if schema.is_object() => {
                    Some(schema.clone())
                }
                Some(_) => {
                    let why = "must be `text`, `json_object`, or `json_schema` with a schema";
                    violations.push("/response_format", "validation.unsupported", why);
                    None
                }
            };
        violations.build(|| Some(()))?;
        let mut request = ChatRequest::new(&self.model, Purpose::Chat, messages);
        request.temperature = self.temperature;
        request.max_tokens = self.max_completion_tokens.or(self.max_tokens);
        request.json_schema = schema.map(|schema| JsonSchema { name: "answer", schema });
        Ok(request)
    }
}

impl ChatMessage {
    fn role(&self) -> std::result::Result<fn(String) -> Message, &'static str> {
        match self.role.as_str() {
            "system" | "developer" => Ok(Message::system),
            "user" => Ok(Message::user),
            "assistant" => Ok(Message::assistant),
            _ => Err("must be one of system, developer, user, assistant"),
        }
    }

    fn text(&self) -> std::result::Result<String, &'static str> {
        const WRONG: &str = "must be a text or a list of parts of type text";
        match &self.content {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Array(parts)) => {
                let part = |part: &Value| match (part["type"].as_str(), part["text"].as_str()) {
                    (Some("text"), Some(text)) => Ok(text.to_owned()),
                    _ => Err(WRONG),
                };
                let texts = parts.iter().map(part).collect::<std::result::Result<Vec<_>, _>>()?;
                Ok(texts.join("\n"))
            }
            _ => Err(WRONG),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use witan_llm::Role;

    use super::*;

    fn read(body: Value) -> ChatCompletion {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn texts_come_whole_or_in_parts() {
        let body = read(json!({ "model": "m", "stream": null, "max_tokens": 5, "user": "x", "messages": [
            { "role": "developer", "content": "Be brief." },
            { "role": "user", "content": [{ "type": "text", "text": "Why" }, { "type": "text", "text": "so?" }] },
        ]}));
        let request = body.request().unwrap();
        assert_eq!(request.messages[0].role, Role::System);
        assert_eq!(request.messages[1].content, "Why\nso?");
        assert_eq!((request.max_tokens, body.is_streamed(), body.wants_usage()), (Some(5), false, false));
    }

    #[test]
    fn what_is_not_understood_is_told() {
        let image = json!([{ "type": "image_url", "image_url": { "url": "x" } }]);
        let body = read(json!({ "model": "m", "tools": [{}], "messages": [
            { "role": "tool", "content": "x" }, { "role": "user", "content": image }] }));
        let problem = body.request().unwrap_err();
        let places: Vec<_> = problem.all_violations().iter().map(|wrong| wrong.pointer.as_str()).collect();
        assert_eq!(places, ["/tools", "/messages/0/role", "/messages/1/content"]);
        let body = read(json!({ "model": "m", "messages": [], "response_format": { "type": "grammar" } }));
        assert_eq!(body.request().unwrap_err().all_violations()[0].pointer, "/response_format");
    }
}
