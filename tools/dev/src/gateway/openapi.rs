//! Merges the services' OpenAPI documents into one.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

/// What the gateway answers with when a service does not.
const UNANSWERED: [(&str, &str); 2] =
    [("502", "The service cannot be reached."), ("504", "The service took too long.")];

/// One document for all services. Paths may not meet; a component that two services
/// define differently gets the service's name in front.
pub(crate) fn merge(documents: &BTreeMap<String, Value>) -> Result<Value> {
    let mut paths = Map::new();
    let mut components: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut tags: BTreeMap<String, Value> = BTreeMap::new();
    for (service, document) in documents {
        let mut document = document.clone();
        for (kind, name) in clashes(&components, &document) {
            rename(&mut document, &kind, &name, &format!("{}{name}", capitalised(service)));
        }
        for (kind, members) in members(&document, "components") {
            let target = components.entry(kind.clone()).or_default();
            target.extend(members.as_object().cloned().unwrap_or_default());
        }
        for (path, item) in members(&document, "paths") {
            let mut item = item.clone();
            item.as_object_mut().into_iter().flatten().for_each(|(_, operation)| unanswered(operation));
            if paths.insert(path.clone(), item).is_some() {
                bail!("two services have the path {path}; one of them is {service}");
            }
        }
        for tag in document["tags"].as_array().into_iter().flatten() {
            let name = tag["name"].as_str().context("a tag without a name")?;
            tags.insert(name.to_owned(), tag.clone());
        }
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Witan",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Accounts, workspaces, persona chat, a council of models, webhooks and usage.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags.into_values().collect::<Vec<_>>(),
        "paths": paths,
        "components": components,
    }))
}

fn unanswered(operation: &mut Value) {
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (status, meaning) in UNANSWERED {
        let content =
            json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
        let response = json!({"description": meaning, "content": content});
        responses.entry(status).or_insert(response);
    }
}

fn members<'a>(document: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    document[name].as_object().into_iter().flatten()
}

fn clashes(known: &BTreeMap<String, Map<String, Value>>, document: &Value) -> Vec<(String, String)> {
    let all = members(document, "components").flat_map(|(kind, m)| {
        m.as_object().into_iter().flatten().map(move |(name, value)| (kind, name, value))
    });
    all.filter(|(kind, name, value)| known.get(*kind).and_then(|m| m.get(*name)).is_some_and(|k| k != *value))
        .map(|(kind, name, _)| (kind.clone(), name.clone()))
        .collect()
}

fn rename(document: &mut Value, kind: &str, from: &str, to: &str) {
    if let Some(members) = document["components"][kind].as_object_mut()
        && let Some(value) = members.remove(from)
    {
        members.insert(to.to_owned(), value);
    }
    let (old, new) = (format!("#/components/{kind}/{from}"), format!("#/components/{kind}/{to}"));
    replace_text(document, &old, &new);
}

/// Everywhere, because references also stand in discriminators' mappings.
fn replace_text(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::String(text) if text == old => new.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| replace_text(item, old, new)),
        Value::Object(members) => members.values_mut().for_each(|member| replace_text(member, old, new)),
        _ => {}
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &str, schema: &str) -> Value {
        json!({
            "paths": {path: {"get": {"schema": {"$ref": "#/components/schemas/Page"}}}},
            "components": {"schemas": {"Page": {"type": schema}, "Problem": {"type": "object"}}},
            "tags": [{"name": "x"}],
        })
    }

    #[test]
    fn the_same_component_is_kept_once_and_another_of_its_name_is_renamed_with_its_references() {
        let documents = BTreeMap::from([
            ("auth".to_owned(), document("/a", "object")),
            ("chat".to_owned(), document("/b", "array")),
        ]);
        let merged = merge(&documents).unwrap();
        let schemas: Vec<_> = merged["components"]["schemas"].as_object().unwrap().keys().collect();
        assert_eq!(schemas, ["ChatPage", "Page", "Problem"]);
        assert_eq!(merged["paths"]["/a"]["get"]["schema"]["$ref"], "#/components/schemas/Page");
        assert_eq!(merged["paths"]["/b"]["get"]["schema"]["$ref"], "#/components/schemas/ChatPage");
    }

    #[test]
    fn every_operation_may_find_its_service_silent() {
        let document =
            json!({"paths": {"/a": {"get": {"responses": {"200": {}, "502": {"description": "its own"}}}}}});
        let merged = merge(&BTreeMap::from([("auth".to_owned(), document)])).unwrap();
        let responses = &merged["paths"]["/a"]["get"]["responses"];
        assert_eq!(responses["502"]["description"], "its own");
        let schema = &responses["504"]["content"]["application/problem+json"]["schema"];
        assert_eq!(schema["$ref"], "#/components/schemas/Problem");
    }

    #[test]
    fn refuses_a_path_that_two_services_have() {
        let documents = BTreeMap::from([
            ("auth".to_owned(), document("/a", "object")),
            ("chat".to_owned(), document("/a", "object")),
        ]);
        assert!(merge(&documents).is_err());
    }
}
