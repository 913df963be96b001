//! Where the text is in what a persona's backend sends. Workflow tools differ; these are the shapes they use.

use serde_json::Value;

/// Members that hold the answer, in the order they are looked for.
const MEMBERS: &[&str] = &["answer", "output", "text", "message", "content", "response", "reply", "delta"];
const MAX_DEPTH: usize = 4;

/// The answer in a JSON value: a string, a known member (nested ones too), an OpenAI choice, or the first of a list.
pub(crate) fn find(value: &Value) -> Option<&str> {
    find_within(value, MAX_DEPTH)
}

fn find_within(value: &Value, depth: usize) -> Option<&str> {
    let depth = depth.checked_sub(1)?;
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => find_within(items.first()?, depth),
        Value::Object(members) => {
            if let Some(choice) = members.get("choices").and_then(|choices| choices.get(0)) {
                return find_within(choice, depth);
            }
            MEMBERS.iter().filter_map(|name| members.get(*name)).find_map(|inner| find_within(inner, depth))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_the_answer_in_the_usual_shapes() {
        for value in [
            json!("hi"),
            json!({"answer": "hi"}),
            json!([{"output": "hi"}]),
            json!({"message": {"role": "assistant", "content": "hi"}}),
            json!({"choices": [{"message": {"content": "hi"}}]}),
            json!({"choices": [{"index": 0, "delta": {"content": "hi"}}]}),
        ] {
            assert_eq!(find(&value), Some("hi"), "{value}");
        }
        for value in [json!({}), json!({"status": "ok"}), json!([]), json!(null), json!([[[[["deep"]]]]])] {
            assert_eq!(find(&value), None, "{value}");
        }
    }
}
