//! Values that fit a schema, and what a schema says of ids.

use serde_json::{Map, Value, json};

use crate::operation::Ids;

/// The schema itself: references followed, and what may also be null taken without that.
pub(crate) fn resolve<'a>(schema: &'a Value, components: &'a Value) -> &'a Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return resolve(&components["schemas"][name], components);
    }
    let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    match choices.and_then(|choices| choices.iter().find(|choice| choice["type"] != "null")) {
        Some(choice) => resolve(choice, components),
        None => schema,
    }
}

/// The prefix of the ids that a schema stands for, if it is an id's.
pub(crate) fn id_kind(schema: &Value, components: &Value) -> Option<String> {
    let pattern = resolve(schema, components)["pattern"].as_str()?;
    let (before, _) = pattern.split_once("_[0-7]")?;
    let prefix = before.rsplit(|c: char| !c.is_ascii_lowercase()).next()?;
    Some(prefix.to_owned())
}

/// A value that fits the schema, with what must be in it. `wanted` are the members that lead to an id that is to be in it
/// all the same.
pub(crate) fn sample(schema: &Value, components: &Value, ids: &Ids, wanted: &[String]) -> Value {
    if let Some(kind) = id_kind(schema, components) {
        return json!(ids.get(&kind).unwrap_or_else(|| panic!("no id {kind}_…")));
    }
    let resolved = resolve(schema, components);
    let examples = [schema, resolved].map(|schema| [&schema["example"], &schema["examples"][0]]);
    if let Some(example) = examples.into_iter().flatten().find(|example| !example.is_null())
        && wanted.is_empty()
    {
        return example.clone();
    }
    let limits = [&resolved["const"], &resolved["enum"][0]];
    if let Some(value) = limits.into_iter().find(|value| !value.is_null()) {
        return value.clone();
    }
    let kind = resolved["type"].as_str().or(resolved["type"][0].as_str()).unwrap_or("object");
    match kind {
        "array" => json!([sample(&resolved["items"], components, ids, wanted.get(1..).unwrap_or_default())]),
        "boolean" => json!(true),
        "integer" | "number" => json!(resolved["minimum"].as_i64().unwrap_or(1)),
        "string" => {
            json!("sample".repeat(resolved["minLength"].as_u64().unwrap_or(1).div_ceil(6).max(1) as usize))
        }
        _ => object(resolved, components, ids, wanted),
    }
}

fn object(schema: &Value, components: &Value, ids: &Ids, wanted: &[String]) -> Value {
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut members = Map::new();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let leads = wanted.first() == Some(name);
        if leads || required.contains(&name.as_str()) {
            let rest = if leads { &wanted[1..] } else { &[] };
            members.insert(name.clone(), sample(member, components, ids, rest));
        }
    }
    Value::Object(members)
}
