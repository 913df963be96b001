use serde_json::{Map, Value};

use super::resolve;

/// Refuses members that a schema does not name, in it and in everything inside it.
pub(super) fn close(schema: &mut Value, components: &Map<String, Value>) {
    visit(schema, components, true);
}

fn visit(schema: &mut Value, components: &Map<String, Value>, closing: bool) {
    let Value::Object(keywords) = schema else { return };
    for (keyword, value) in keywords.iter_mut() {
        match keyword.as_str() {
            "properties" | "patternProperties" | "$defs" => each_member(value, components),
            "items" | "not" | "additionalProperties" => visit(value, components, true),
            "oneOf" | "anyOf" => each_item(value, components, closing),
            "allOf" => open_items(value, components),
            _ => {}
        }
    }
    if !closing {
        return;
    }
    // Parts of a whole each know only their own members; the whole knows what all of them know.
    if keywords.contains_key("allOf") {
        keywords.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
    } else if keywords.contains_key("properties") && !keywords.contains_key("additionalProperties") {
        keywords.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}

fn each_member(members: &mut Value, components: &Map<String, Value>) {
    for schema in members.as_object_mut().into_iter().flat_map(Map::values_mut) {
        visit(schema, components, true);
    }
}

fn each_item(items: &mut Value, components: &Map<String, Value>, closing: bool) {
    for schema in items.as_array_mut().into_iter().flatten() {
        visit(schema, components, closing);
    }
}

/// A reference would lead to a closed schema, so what it refers to takes its place.
fn open_items(items: &mut Value, components: &Map<String, Value>) {
    for schema in items.as_array_mut().into_iter().flatten() {
        if let Some(open) = resolve(schema, components) {
            *schema = open;
        }
        visit(schema, components, false);
    }
}
