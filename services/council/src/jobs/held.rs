//! What the service holds of people and of workspaces, and how it is removed.

use async_trait::async_trait;
use witan_events::{Holder, Tables};
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};

use crate::store::erasure::erase;

/// All of it.
pub(crate) struct Held;

#[async_trait]
impl Holder for Held {
    async fn erase(&self, tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, PgError> {
        erase(tx, user).await
    }
}

/// All that is held of workspaces, and removed with them.
pub(crate) const KEPT: Tables = Tables(&[
    ("run_events", "workspace_id"),
    ("run_calls", "workspace_id"),
    ("run_reviews", "workspace_id"),
    ("run_members", "workspace_id"),
    ("runs", "workspace_id"),
    ("agent_versions", "workspace_id"),
    ("agents", "workspace_id"),
    ("session_messages", "workspace_id"),
    ("session_tools", "workspace_id"),
    ("sessions", "workspace_id"),
    ("provider_keys", "workspace_id"),
    ("projects", "workspace_id"),
    ("keyed_workspaces", "tenant"),
    ("run_leases", "tenant"),
    ("live_sessions", "tenant"),
    ("model_calls", "tenant"),
    ("run_logs", "tenant"),
    ("places", "tenant"),
]);
