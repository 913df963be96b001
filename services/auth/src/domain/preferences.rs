//! What a person's clients remember of them: a JSON object that only clients understand.

use serde_json::{Map, Value};

/// Most bytes that preferences have, written without spaces.
pub const MAX_BYTES: usize = 16 * 1024;
/// Deepest that objects and lists stand in each other, the outermost counted.
pub const MAX_DEPTH: usize = 8;

/// Preferences within their bounds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Preferences(Map<String, Value>);

/// What a change would make of preferences is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PreferencesError {
    /// More than [`MAX_BYTES`].
    #[error("must not have more than 16384 bytes, with what is there already")]
    TooLarge,
    /// More than [`MAX_DEPTH`].
    #[error("must not be nested deeper than 8 levels")]
    TooDeep,
}

impl Preferences {
    /// As they were stored; what is no object is none.
    pub fn stored(value: Value) -> Self {
        match value {
            Value::Object(members) => Self(members),
            _ => Self::default(),
        }
    }

    /// The same after a merge patch (RFC 7396): members are replaced, `null` takes them away, objects are merged.
    ///
    /// # Errors
    /// When the result would be out of bounds.
    pub fn merge(self, patch: Map<String, Value>) -> Result<Self, PreferencesError> {
        // The patch is looked at first, so that merging does not descend further than the bound.
        if depth_of(&patch) > MAX_DEPTH {
            return Err(PreferencesError::TooDeep);
        }
        let mut merged = self.0;
        apply(&mut merged, patch);
        let size = serde_json::to_vec(&merged).map_or(usize::MAX, |bytes| bytes.len());
        if size > MAX_BYTES {
            return Err(PreferencesError::TooLarge);
        }
        Ok(Self(merged))
    }

    /// As JSON.
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

fn apply(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => drop(target.remove(&name)),
            Value::Object(inner) => {
                let place = target.entry(name).or_insert(Value::Null);
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                if let Value::Object(members) = place {
                    apply(members, inner);
                }
            }
            other => drop(target.insert(name, other)),
        }
    }
}

fn depth_of(members: &Map<String, Value>) -> usize {
    1 + members.values().map(depth).max().unwrap_or(0)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(members) => depth_of(members),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(target: Value, patch: Value) -> Result<Value, PreferencesError> {
        let Value::Object(patch) = patch else { panic!("the test patches with an object") };
        Preferences::stored(target).merge(patch).map(Preferences::into_value)
    }

    /// Those of RFC 7396 appendix A in which both sides are objects.
    #[test]
    fn merges_as_the_standard_shows() {
        let cases = [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ];
        for (target, patch, result) in cases {
            assert_eq!(merged(target, patch).unwrap(), result);
        }
    }

    #[test]
    fn stays_within_its_bounds() {
        let deep = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({"a": inner}));
        assert!(merged(json!({}), deep(MAX_DEPTH)).is_ok());
        assert_eq!(merged(json!({}), deep(MAX_DEPTH + 1)), Err(PreferencesError::TooDeep));
        assert_eq!(merged(json!({}), json!({"a": [[[[[[[[]]]]]]]]})), Err(PreferencesError::TooDeep));
        let half = "x".repeat(MAX_BYTES / 2);
        let one = merged(json!({}), json!({"a": half})).unwrap();
        assert_eq!(merged(one.clone(), json!({"b": half})), Err(PreferencesError::TooLarge));
        assert!(merged(one, json!({"a": null, "b": half})).is_ok(), "what goes makes room");
    }
}
