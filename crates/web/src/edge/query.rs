//! The query of a request, held against the parameters that its operation declares.

use serde_json::{Map, Value};
use url::form_urlencoded;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{RefOr, Required, Schema};

use crate::schema::{Checker, resolve};
use crate::{Problem, Violation, codes};

/// What an operation's query may look like.
pub(crate) struct QueryRules {
    parameters: Vec<Parameter>,
    checker: Checker,
    any_required: bool,
    open: bool,
}

struct Parameter {
    name: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Number,
    Boolean,
    List,
}

impl QueryRules {
    pub(crate) fn of(operation: &Operation, schemas: Vec<(String, RefOr<Schema>)>, open: bool) -> Self {
        let components = crate::schema::components(schemas);
        let mut parameters = Vec::new();
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for parameter in operation.parameters.iter().flatten() {
            let RefOr::T(parameter) = parameter else { continue };
            if parameter.parameter_in != ParameterIn::Query {
                continue;
            }
            let schema = serde_json::to_value(&parameter.schema).unwrap_or(Value::Bool(true));
            let schema = resolve(&schema, &components).unwrap_or(Value::Bool(true));
            parameters.push(Parameter { name: parameter.name.clone(), kind: Kind::of(&schema) });
            if parameter.required == Required::True {
                required.push(Value::from(parameter.name.as_str()));
            }
            properties.insert(parameter.name.clone(), schema);
        }
        let any_required = !required.is_empty();
        let schema = serde_json::json!({ "type": "object", "properties": properties, "required": required });
        Self { parameters, checker: Checker::compile(schema, components), any_required, open }
    }

    /// The parameters by name, or all that is wrong with them; `None` when there are none.
    pub(crate) fn check(&self, query: &str) -> Result<Option<Map<String, Value>>, Problem> {
        if query.is_empty() && !self.any_required {
            return Ok(None);
        }
        let mut violations = Vec::new();
        let values = Value::Object(self.read(query, &mut violations));
        violations.extend(self.checker.violations(&values));
        for violation in &mut violations {
            // A parameter goes by its name, not by a place in a document.
            violation.pointer = violation.pointer.trim_start_matches('/').to_owned();
        }
        match values {
            Value::Object(values) if violations.is_empty() => Ok(Some(values)),
            _ => Err(Problem::new(&codes::QUERY_INVALID).violations(violations)),
        }
    }

    fn read(&self, query: &str, violations: &mut Vec<Violation>) -> Map<String, Value> {
        let mut values = Map::new();
        for (name, text) in form_urlencoded::parse(query.as_bytes()) {
            let declared = self.parameters.iter().find(|known| known.name == name);
            if self.open && declared.is_none() {
                continue;
            }
            let kind = declared.map_or(Kind::Text, |known| known.kind);
            match values.get_mut(&*name) {
                Some(Value::Array(list)) if kind == Kind::List => list.push(Value::from(&*text)),
                // Which one of two would count is a guess that others may make differently.
                Some(_) => violations.push(Violation {
                    pointer: name.into_owned(),
                    code: "validation.repeated".to_owned(),
                    detail: "must be there once".to_owned(),
                }),
                None => {
                    values.insert(name.into_owned(), kind.value(&text));
                }
            }
        }
        values
    }
}

impl Kind {
    fn of(schema: &Value) -> Self {
        let types = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).find(|name| *name != "null"),
            other => other.as_str(),
        };
        match types {
            Some("integer") => Self::Integer,
            Some("number") => Self::Number,
            Some("boolean") => Self::Boolean,
            Some("array") => Self::List,
            Some(_) => Self::Text,
            // `null` or something else.
            None => schema["oneOf"]
                .as_array()
                .into_iter()
                .flatten()
                .map(Self::of)
                .find(|kind| *kind != Self::Text)
                .unwrap_or(Self::Text),
        }
    }

    /// The value of a text; what does not fit stays a text, for the schema to refuse.
    fn value(self, text: &str) -> Value {
        let parsed = match self {
            Self::Text => None,
            Self::Integer => text.parse::<i64>().ok().map(Value::from),
            Self::Number => text.parse::<f64>().ok().map(Value::from),
            Self::Boolean => text.parse::<bool>().ok().map(Value::from),
            Self::List => Some(Value::from(vec![text])),
        };
        parsed.unwrap_or_else(|| Value::from(text))
    }
}
