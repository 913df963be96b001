//! The schemas of the API document, put to work: they check what comes in, and name everything that is wrong with it.

mod close;
pub(crate) mod violation;

use jsonschema::Validator;
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::Violation;

/// A schema that is ready to check values.
pub(crate) struct Checker(Option<Validator>);

impl Checker {
    /// Compiles a schema whose references lead to `components`. Objects are closed: unknown members are violations.
    pub(crate) fn compile(mut schema: Value, components: Map<String, Value>) -> Self {
        close::close(&mut schema, &components);
        let mut closed = components.clone();
        for component in closed.values_mut() {
            close::close(component, &components);
        }
        if let Value::Object(schema) = &mut schema {
            schema.insert("components".to_owned(), serde_json::json!({ "schemas": closed }));
        }
        let built = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .build(&schema);
        match built {
            Ok(validator) => Self(Some(validator)),
            Err(error) => {
                // What is left is serde, which names one violation at a time.
                tracing::error!(%error, "a schema of the API document cannot be compiled");
                Self(None)
            }
        }
    }

    /// Everything that is wrong with a value.
    pub(crate) fn violations(&self, value: &Value) -> Vec<Violation> {
        let mut violations = match &self.0 {
            Some(validator) if !validator.is_valid(value) => violation::of(validator.iter_errors(value)),
            _ => Vec::new(),
        };
        violation::nul_characters(value, &mut String::new(), &mut violations);
        violations
    }
}

/// The schemas of all ids. Parameters refer to them, and `utoipa` collects only what bodies refer to.
pub(crate) fn ids() -> impl Iterator<Item = (String, RefOr<Schema>)> {
    witan_ids::REGISTRY.iter().map(|(prefix, name)| {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$")))
            .examples([format!("{prefix}_01h455vb4pex5vsknk084sn02q")]);
        ((*name).to_owned(), schema.into())
    })
}

/// Schemas by name.
pub(crate) fn components(schemas: Vec<(String, RefOr<Schema>)>) -> Map<String, Value> {
    schemas
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or(Value::Bool(true))))
        .collect()
}

/// The schema itself, or the one that it refers to; `None` when there is no such one.
pub(crate) fn resolve(schema: &Value, components: &Map<String, Value>) -> Option<Value> {
    match schema["$ref"].as_str() {
        None => Some(schema.clone()),
        Some(reference) => components.get(reference.strip_prefix("#/components/schemas/")?).cloned(),
    }
}
