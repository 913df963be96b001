//! What partners are told of each type of event: the body that a webhook receives, as JSON Schema and as an example. Made
//! from the contracts.

use serde_json::{Value, json};
use witan_ids::{Kind, kind};

use crate::EventType;
use crate::registry::types;

const ID_SUFFIX: &str = "_[0-7][0-9a-hjkmnp-tv-z]{25}$";
const EXAMPLE_ID: &str = "01k0cabmfgek0v7s0c0x0k4m3e";

/// Every type that partners may subscribe to, in the order of the services.
pub fn public() -> impl Iterator<Item = &'static EventType> {
    types().iter().filter(|known| known.public)
}

/// What the event tells, in one sentence or two.
pub fn description(event_type: &EventType) -> String {
    event_type.schema()["description"].as_str().unwrap_or_default().to_owned()
}

/// The JSON Schema (2020-12) of the whole body. Members are added in time: a schema forbids none.
pub fn schema(event_type: &EventType) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": event_type.name,
        "description": description(event_type),
        "type": "object",
        "properties": {
            "id": id::<kind::Event>("The event; the same in every repetition. The header `webhook-id`."),
            "type": { "const": event_type.name, "description": "What happened." },
            "timestamp": { "type": "string", "format": "date-time", "description": "When it happened." },
            "workspaceId": id::<kind::Workspace>("The workspace in which it happened, `wsp_…`."),
            "data": event_type.schema(),
        },
        "required": ["id", "type", "timestamp", "workspaceId", "data"],
    })
}

fn id<K: Kind>(description: &str) -> Value {
    let pattern = format!("^{}{ID_SUFFIX}", K::PREFIX);
    json!({ "type": "string", "pattern": pattern, "description": description })
}

/// A whole body as it may look.
pub fn example(event_type: &EventType) -> Value {
    json!({
        "id": format!("{}_{EXAMPLE_ID}", kind::Event::PREFIX),
        "type": event_type.name,
        "timestamp": "2026-01-01T00:00:00.000Z",
        "workspaceId": format!("{}_{EXAMPLE_ID}", kind::Workspace::PREFIX),
        "data": event_type.example(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::find;

    #[test]
    fn every_example_is_what_its_schema_says_and_no_member_of_it_can_be_left_out() {
        for known in public() {
            let (schema, example) = (schema(known), example(known));
            let validator = jsonschema::draft202012::options().should_validate_formats(true);
            let validator =
                validator.build(&schema).unwrap_or_else(|error| panic!("{}: {error}", known.name));
            if let Err(error) = validator.validate(&example) {
                panic!("{}: {error}", known.name);
            }
            for place in ["", "/data"] {
                let members = example.pointer(place).unwrap().as_object().unwrap();
                for name in members.keys() {
                    let mut without = example.clone();
                    without.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(name);
                    assert!(!validator.is_valid(&without), "{}: {place}/{name} is not required", known.name);
                    let described = schema.pointer(&match place {
                        "" => format!("/properties/{name}/description"),
                        _ => format!("/properties/data/properties/{name}/description"),
                    });
                    assert!(described.is_some_and(Value::is_string), "{}: {place}/{name}", known.name);
                }
            }
        }
    }

    #[test]
    fn comments_and_types_of_the_contract_are_in_the_schema() {
        let completed = schema(find("agent.run.completed").unwrap());
        assert_eq!(completed["description"], "A run ended with an answer.");
        let member = |name: &str| completed["properties"]["data"]["properties"][name].clone();
        assert_eq!(member("runId")["pattern"], format!("^run{ID_SUFFIX}"));
        assert_eq!(member("degraded")["type"], "boolean");
        assert_eq!(member("inputTokens")["maximum"], u32::MAX);
        assert_eq!(member("costMicros")["type"], "string");
        assert_eq!(member("agent")["pattern"], Value::Null);
        let wrong = |change: fn(&mut Value)| {
            let mut example = example(find("agent.run.completed").unwrap());
            change(&mut example);
            jsonschema::is_valid(&completed, &example)
        };
        assert!(wrong(|body| body["data"]["later"] = json!("new members are no mistake")));
        assert!(!wrong(|body| body["type"] = json!("agent.run.failed")));
        assert!(!wrong(|body| body["data"]["costMicros"] = json!(7)));
        assert!(!wrong(|body| body["data"]["runId"] = json!("usr_01k0cabmfgek0v7s0c0x0k4m3e")));
    }
}
