//! What the service holds of workspaces, and how it is removed.

use witan_events::Tables;

/// All of it.
pub(crate) const KEPT: Tables = Tables(&[
    ("reservations", "workspace_id"),
    ("counters", "workspace_id"),
    ("subscriptions", "workspace_id"),
]);
