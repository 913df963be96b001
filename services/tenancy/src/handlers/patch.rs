//! Merge patches (RFC 7396).

use serde::{Deserialize, Deserializer};

/// Tells `null`, which takes away, from what is missing, which stays.
pub(crate) fn present<'de, T, D>(value: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(value).map(Some)
}
