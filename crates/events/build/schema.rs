//! JSON Schemas (2020-12) of the contracts' canonical JSON, with their comments as descriptions.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use serde_json::{Map, Value, json};

/// Tags in descriptors: where a message is in a file, and where a field is in a message.
const MESSAGE: i32 = 4;
const FIELD: i32 = 2;
/// A TypeID's suffix is 128 bits in Crockford's alphabet.
const ID_SUFFIX: &str = "_[0-7][0-9a-hjkmnp-tv-z]{25}$";

/// The schema of every message of ours by its full name.
pub(crate) fn schemas(set: &FileDescriptorSet) -> Result<Value> {
    let mut schemas = Map::new();
    for file in set.file.iter().filter(|file| file.package().starts_with("witan.")) {
        let comments: HashMap<&[i32], &str> = file
            .source_code_info
            .iter()
            .flat_map(|info| &info.location)
            .map(|location| (location.path.as_slice(), location.leading_comments()))
            .collect();
        for (index, message) in file.message_type.iter().enumerate() {
            let path = [MESSAGE, i32::try_from(index)?];
            let name = format!("{}.{}", file.package(), message.name());
            let schema = object(message, &path, &comments).with_context(|| name.clone())?;
            schemas.insert(name, schema);
        }
    }
    Ok(Value::Object(schemas))
}

fn object(message: &DescriptorProto, path: &[i32], comments: &HashMap<&[i32], &str>) -> Result<Value> {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (index, field) in message.field.iter().enumerate() {
        let path = [path, &[FIELD, i32::try_from(index)?]].concat();
        let comment = text(comments, &path)?;
        let entry = message.nested_type.iter().find(|entry| is_entry(entry, field));
        let mut schema = match entry.and_then(|entry| entry.field.get(1)) {
            Some(entry) => json!({ "type": "object", "additionalProperties": value(entry, "")? }),
            None if field.label() == Label::Repeated => {
                json!({ "type": "array", "items": value(field, &comment)? })
            }
            None => value(field, &comment)?,
        };
        schema["description"] = json!(comment);
        properties.insert(field.json_name().to_owned(), schema);
        // Values are always written, also those that are a default; messages only when they are there.
        if field.r#type() != Type::Message || field.label() == Label::Repeated {
            required.push(field.json_name());
        }
    }
    Ok(json!({
        "type": "object",
        "description": text(comments, path)?,
        "properties": properties,
        "required": required,
    }))
}

/// Whether `nested` is what the entries of a map are.
fn is_entry(nested: &DescriptorProto, field: &FieldDescriptorProto) -> bool {
    nested.options.as_ref().is_some_and(|options| options.map_entry())
        && field.type_name().rsplit('.').next() == Some(nested.name())
}

/// What one value of a field looks like. A contract with something new in it says here how that is written.
fn value(field: &FieldDescriptorProto, comment: &str) -> Result<Value> {
    if field.proto3_optional() {
        bail!("{}: say here whether it is written when it is not there", field.name());
    }
    Ok(match field.r#type() {
        Type::String => match id_prefix(comment) {
            Some(prefix) => json!({ "type": "string", "pattern": format!("^{prefix}{ID_SUFFIX}") }),
            None => json!({ "type": "string" }),
        },
        Type::Bool => json!({ "type": "boolean" }),
        Type::Uint32 => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        // A text, because a number of 64 bits is more than JSON's readers keep.
        Type::Int64 => json!({ "type": "string", "pattern": "^-?[0-9]{1,19}$" }),
        Type::Message if field.type_name() == ".google.protobuf.Timestamp" => {
            json!({ "type": "string", "format": "date-time" })
        }
        other => bail!("{}: say here how {other:?} is written in JSON", field.name()),
    })
}

/// Of a comment that ends with the one form of an id: `The workspace, ``wsp_…``.`
fn id_prefix(comment: &str) -> Option<&str> {
    let (before, id) = comment.strip_suffix("_…`.")?.rsplit_once('`')?;
    (!before.contains('`') && id.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(id)
}

fn text(comments: &HashMap<&[i32], &str>, path: &[i32]) -> Result<String> {
    let comment = comments.get(path).copied().unwrap_or_default();
    let words: Vec<&str> = comment.split_whitespace().collect();
    if words.is_empty() {
        bail!("something has no comment");
    }
    Ok(words.join(" "))
}
