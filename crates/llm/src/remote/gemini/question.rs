use serde_json::{Map, Value, json};

use super::super::{Question, told};
use crate::{JsonMode, Message, Role};

pub(super) fn body(question: Question<'_>) -> Value {
    let Question { remote, request, .. } = question;
    let of = |system: bool| request.messages.iter().filter(move |said| (said.role == Role::System) == system);
    let contents: Vec<Value> = of(false).map(content).collect();
    let mut system: Vec<Value> = of(true).map(|said| json!({ "text": said.content })).collect();
    let mut generation = Map::new();
    if let Some(temperature) = question.temperature() {
        generation.insert("temperature".to_owned(), json!(temperature));
    }
    if let Some(tokens) = request.max_tokens {
        generation.insert("maxOutputTokens".to_owned(), json!(tokens));
    }
    if let Some(wanted) = &request.json_schema {
        match remote.json_mode {
            JsonMode::Schema => drop(generation.insert("responseSchema".to_owned(), schema(&wanted.schema))),
            _ => system.push(json!({ "text": told(&wanted.schema) })),
        }
        if remote.json_mode != JsonMode::Prompt {
            generation.insert("responseMimeType".to_owned(), json!("application/json"));
        }
    }
    let mut body = json!({ "contents": contents });
    if !system.is_empty() {
        body["systemInstruction"] = json!({ "parts": system });
    }
    if !generation.is_empty() {
        body["generationConfig"] = Value::Object(generation);
    }
    body
}

fn content(said: &Message) -> Value {
    let role = if said.role == Role::Assistant { "model" } else { "user" };
    json!({ "role": role, "parts": [{ "text": said.content }] })
}

/// A JSON Schema as Google's `Schema`: of its members those that it has, types in capitals.
fn schema(json: &Value) -> Value {
    const KEPT: [&str; 12] = [
        "description",
        "enum",
        "format",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "nullable",
        "pattern",
        "required",
    ];
    let Some(members) = json.as_object() else { return json!({ "type": "STRING" }) };
    let mut made = Map::new();
    for (name, value) in members {
        let value = match (name.as_str(), value) {
            ("type", Value::String(kind)) => json!(kind.to_uppercase()),
            ("items", items) => schema(items),
            ("anyOf", Value::Array(kinds)) => kinds.iter().map(schema).collect(),
            ("properties", Value::Object(properties)) => {
                let made = properties.iter().map(|(name, property)| (name.clone(), schema(property)));
                Value::Object(made.collect())
            }
            (name, value) if KEPT.contains(&name) => value.clone(),
            _ => continue,
        };
        made.insert(name.clone(), value);
    }
    // `["string", "null"]` is how JSON Schema says that a value may be missing.
    if let Some(Value::Array(kinds)) = members.get("type") {
        let kind = kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("string");
        made.insert("type".to_owned(), json!(kind.to_uppercase()));
        made.insert("nullable".to_owned(), json!(kinds.iter().any(|kind| kind == "null")));
    }
    Value::Object(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_told_in_googles_words() {
        let json = json!({ "type": "object", "additionalProperties": false, "required": ["list"], "properties": {
            "list": { "type": "array", "items": { "type": "integer", "minimum": 1 } },
            "type": { "type": ["string", "null"], "enum": ["A"] },
        }});
        let expected = json!({ "type": "OBJECT", "required": ["list"], "properties": {
            "list": { "type": "ARRAY", "items": { "type": "INTEGER", "minimum": 1 } },
            "type": { "type": "STRING", "nullable": true, "enum": ["A"] },
        }});
        assert_eq!(schema(&json), expected);
    }
}
