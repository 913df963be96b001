//! Rows and queries. Row-level security adds the workspace to all of them but those of the system's own tables
//! (`catalogue_personas`, `live_streams`).

pub(crate) mod catalogue;
pub(crate) mod conversations;
pub(crate) mod erasure;
pub(crate) mod held;
pub(crate) mod live_streams;
pub(crate) mod messages;
pub(crate) mod personas;
pub(crate) mod projects;
pub(crate) mod stream_events;
pub(crate) mod trait_secrets;

/// An `ILIKE` pattern for "contains this text", whatever is in it.
fn contains(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    format!("%{escaped}%")
}
