use serde_json::{Map, Value, json};

use super::super::{Question, told};
use crate::{JsonMode, JsonSchema, Role};

/// The API must be told a bound; models that think before they write need room for both.
const MAX_TOKENS: u32 = 16_000;

pub(super) fn body(question: Question<'_>) -> Value {
    let Question { model, remote, request, stream } = question;
    let of = |system: bool| request.messages.iter().filter(move |said| (said.role == Role::System) == system);
    let messages: Vec<Value> = of(false).map(|said| json!(said)).collect();
    let mut system: Vec<&str> = of(true).map(|said| said.content.as_str()).collect();
    let json = request.json_schema.as_ref();
    let in_prompt = json.filter(|_| remote.json_mode == JsonMode::Prompt).map(|wanted| told(&wanted.schema));
    system.extend(in_prompt.as_deref());
    let mut body = json!({
        "model": model.name,
        "max_tokens": request.max_tokens.unwrap_or(MAX_TOKENS),
        "messages": messages,
    });
    if !system.is_empty() {
        body["system"] = json!(system.join("\n\n"));
    }
    if let Some(temperature) = question.temperature() {
        // Its scale ends at 1.
        body["temperature"] = json!(temperature.min(1.0));
    }
    if stream {
        body["stream"] = json!(true);
    }
    if let Some(wanted) = json {
        ask_for_json(&mut body, remote.json_mode, wanted);
    }
    body
}

fn ask_for_json(body: &mut Value, mode: JsonMode, wanted: &JsonSchema) {
    match mode {
        JsonMode::Schema => {
            let format = json!({ "type": "json_schema", "schema": plain(&wanted.schema) });
            body["output_config"] = json!({ "format": format });
        }
        JsonMode::Object => {
            let description = "Takes the answer.";
            body["tools"] = json!([
                { "name": wanted.name, "description": description, "input_schema": wanted.schema },
            ]);
            body["tool_choice"] = json!({ "type": "tool", "name": wanted.name });
        }
        JsonMode::Prompt => {}
    }
}

/// The schema without what the API refuses: bounds of numbers, texts and lists. They are told in the description, and
/// whoever reads the answer checks them anyway.
fn plain(schema: &Value) -> Value {
    const BOUNDS: [&str; 6] = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"];
    match schema {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => {
            let is_bound = |name: &str, value: &Value| BOUNDS.contains(&name) && value.is_number();
            let (bounds, rest): (Vec<_>, Vec<_>) =
                members.iter().partition(|(name, value)| is_bound(name, value));
            let mut plain: Map<String, Value> =
                rest.into_iter().map(|(name, value)| (name.clone(), plain(value))).collect();
            if !bounds.is_empty() {
                let told: Vec<String> =
                    bounds.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                let before = plain.get("description").and_then(Value::as_str).unwrap_or_default();
                let told = format!("{before} ({})", told.join(", "));
                plain.insert("description".to_owned(), json!(told.trim()));
            }
            Value::Object(plain)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_move_into_the_description() {
        let schema = json!({ "type": "object", "additionalProperties": false, "properties": {
            "score": { "type": "integer", "minimum": 1, "maximum": 10 },
            "minimum": { "type": "string", "description": "The least." },
        }});
        let plain = plain(&schema);
        let score = json!({ "type": "integer", "description": "(maximum: 10, minimum: 1)" });
        assert_eq!(plain["properties"]["score"], score);
        assert_eq!(plain["properties"]["minimum"], schema["properties"]["minimum"], "a property's name");
    }
}
