//! The events that partners may have.

use std::sync::LazyLock;

pub(crate) use witan_events::catalogue::{description, example, public, schema};

static PUBLIC: LazyLock<Vec<&'static str>> = LazyLock::new(|| public().map(|known| known.name).collect());

/// The names of the types that may leave.
pub(crate) fn public_types() -> &'static [&'static str] {
    &PUBLIC
}
