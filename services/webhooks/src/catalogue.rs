//! The events that partners may have.

use std::sync::LazyLock;

use witan_events::registry::{EventType, types};

static PUBLIC: LazyLock<Vec<&'static str>> = LazyLock::new(|| public().map(|known| known.name).collect());

/// Every type that may leave.
pub(crate) fn public() -> impl Iterator<Item = &'static EventType> {
    types().iter().filter(|known| known.public)
}

/// Their names.
pub(crate) fn public_types() -> &'static [&'static str] {
    &PUBLIC
}
