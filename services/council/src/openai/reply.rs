use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use witan_llm::Usage;
use witan_web::SseEvent;

/// What all parts of an answer have in common.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    id: String,
    created: i64,
    model: String,
    /// Whether a stream tells the usage.
    usage: bool,
}

impl Reply {
    pub(crate) fn new(id: &str, created: DateTime<Utc>, model: &str, usage: bool) -> Self {
        Self { id: format!("chatcmpl-{id}"), created: created.timestamp(), model: model.to_owned(), usage }
    }

    /// The whole answer; `witan` is what OpenAI's API has no place for.
    pub(crate) fn whole(&self, text: &str, finish_reason: &str, usage: Usage, witan: Option<Value>) -> Value {
        let message = json!({ "role": "assistant", "content": text, "refusal": null });
        let mut body = json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason }],
            "usage": tokens(usage),
        });
        if let Some(witan) = witan {
            body["witan"] = witan;
        }
        body
    }

    /// The first event of a stream.
    pub(crate) fn role(&self) -> SseEvent {
        self.chunk(&json!({ "role": "assistant", "content": "" }), None)
    }

    /// The next words.
    pub(crate) fn words(&self, text: &str) -> SseEvent {
        self.chunk(&json!({ "content": text }), None)
    }

    /// The end of a stream that went well.
    pub(crate) fn end(&self, finish_reason: &str, usage: Usage) -> Vec<SseEvent> {
        let mut events = vec![self.chunk(&json!({}), Some(finish_reason))];
        if self.usage {
            let mut last = self.body();
            last["choices"] = json!([]);
            last["usage"] = tokens(usage);
            events.push(SseEvent::unnamed(&last));
        }
        events.push(SseEvent::text("[DONE]").ending());
        events
    }

    fn chunk(&self, delta: &Value, finish_reason: Option<&str>) -> SseEvent {
        let mut body = self.body();
        body["choices"] =
            json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason }]);
        SseEvent::unnamed(&body)
    }

    fn body(&self) -> Value {
        let mut body = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
        });
        if self.usage {
            body["usage"] = Value::Null;
        }
        body
    }
}

fn tokens(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total(),
    })
}
