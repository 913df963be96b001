use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ErrorIterator, ValidationError};
use serde_json::Value;

use crate::Violation;

/// One violation for each place and reason.
pub(super) fn of(errors: ErrorIterator<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for error in errors {
        explain(&error, &mut violations);
    }
    violations
}

fn explain(error: &ValidationError<'_>, out: &mut Vec<Violation>) {
    let at = error.instance_path().as_str();
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            push(out, format!("{at}/{}", escape(name)), "required", "must be there");
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                push(out, format!("{at}/{}", escape(name)), "unknown_member", "is not known here");
            }
        }
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => explain_choice(at, context, out),
        kind => push(out, at.to_owned(), reason(kind), &describe(error)),
    }
}

/// When a value must fit one of several schemas, the one that was meant tells what is wrong: the one whose type and tag
/// it has.
fn explain_choice(at: &str, branches: &[Vec<ValidationError<'static>>], out: &mut Vec<Violation>) {
    let of_type: Vec<_> =
        branches.iter().filter(|errors| !errors.iter().any(|error| is_type_at(error, at))).collect();
    let meant: Vec<_> =
        of_type.iter().filter(|errors| errors.iter().all(|error| tag_options(error).is_none())).collect();
    if let [errors] = meant.as_slice() {
        return errors.iter().for_each(|error| explain(error, out));
    }
    if let [errors] = of_type.as_slice() {
        return errors.iter().for_each(|error| explain(error, out));
    }
    let tags: Vec<_> = of_type.iter().flat_map(|errors| errors.iter().filter_map(tag_options)).collect();
    match tags.first() {
        Some((place, _)) if meant.is_empty() && tags.iter().all(|(other, _)| other == place) => {
            let options: Vec<&str> =
                tags.iter().flat_map(|(_, options)| options.iter().map(String::as_str)).collect();
            push(out, place.clone(), "enum", &format!("must be one of {}", options.join(", ")));
        }
        _ => push(out, at.to_owned(), "invalid", "has none of the forms that are allowed"),
    }
}

fn is_type_at(error: &ValidationError<'_>, at: &str) -> bool {
    matches!(error.kind(), Kind::Type { .. }) && error.instance_path().as_str() == at
}

/// The values that a tag may have, when the tag is what is wrong.
fn tag_options(error: &ValidationError<'_>) -> Option<(String, Vec<String>)> {
    let options = match error.kind() {
        Kind::Enum { options } => options.as_array()?.iter().map(text).collect(),
        Kind::Constant { expected_value } => vec![text(expected_value)],
        _ => return None,
    };
    Some((error.instance_path().as_str().to_owned(), options))
}

fn reason(kind: &Kind) -> &'static str {
    match kind {
        Kind::Type { .. } => "type",
        Kind::MaxLength { .. } => "too_long",
        Kind::MinLength { .. } => "too_short",
        Kind::Pattern { .. } => "pattern",
        Kind::Format { .. } => "format",
        Kind::Enum { .. } | Kind::Constant { .. } => "enum",
        Kind::Minimum { .. }
        | Kind::Maximum { .. }
        | Kind::ExclusiveMinimum { .. }
        | Kind::ExclusiveMaximum { .. }
        | Kind::MultipleOf { .. } => "range",
        Kind::MinItems { .. } | Kind::MinProperties { .. } => "too_few",
        Kind::MaxItems { .. } | Kind::MaxProperties { .. } => "too_many",
        Kind::UniqueItems => "repeated",
        _ => "invalid",
    }
}

/// What is wrong, without repeating a value that may be long or secret.
fn describe(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Type { kind } => format!("must be {}", types(kind)),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::Pattern { pattern } => format!("must match {pattern}"),
        Kind::Format { format } => format!("must have the format {format}"),
        Kind::Enum { options } => {
            let options: Vec<String> = options.as_array().into_iter().flatten().map(text).collect();
            format!("must be one of {}", options.join(", "))
        }
        Kind::Constant { expected_value } => format!("must be {}", text(expected_value)),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be greater than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::MinItems { limit } => format!("must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("must have at most {limit} items"),
        Kind::MinProperties { limit } => format!("must have at least {limit} members"),
        Kind::MaxProperties { limit } => format!("must have at most {limit} members"),
        Kind::UniqueItems => "must not repeat an item".to_owned(),
        _ => "is not allowed".to_owned(),
    }
}

fn types(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(one) => format!("of type {one}"),
        jsonschema::error::TypeKind::Multiple(many) => {
            let names: Vec<String> = many.iter().map(|one| one.to_string()).collect();
            format!("of type {}", names.join(" or "))
        }
    }
}

/// PostgreSQL cannot store the character U+0000, and no text needs it.
pub(super) fn nul_characters(value: &Value, at: &mut String, out: &mut Vec<Violation>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            push(out, at.clone(), "invalid", "must not contain the character U+0000");
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                descend(&index.to_string(), item, at, out);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                if name.contains('\0') {
                    push(out, at.clone(), "invalid", "has a member whose name contains the character U+0000");
                }
                descend(name, member, at, out);
            }
        }
        _ => {}
    }
}

fn descend(name: &str, value: &Value, at: &mut String, out: &mut Vec<Violation>) {
    if matches!(value, Value::Null | Value::Bool(_) | Value::Number(_)) {
        return;
    }
    let length = at.len();
    at.push('/');
    at.push_str(&escape(name));
    nul_characters(value, at, out);
    at.truncate(length);
}

/// RFC 6901 section 3.
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn push(out: &mut Vec<Violation>, pointer: String, reason: &str, detail: &str) {
    out.push(Violation { pointer, code: format!("validation.{reason}"), detail: detail.to_owned() });
}
