//! What the service holds of people and of workspaces, and how it is removed.

use async_trait::async_trait;
use witan_events::{Holder, Tables};
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};

use crate::store::mentions::mention_erase;

/// All of it.
pub(crate) struct Held;

#[async_trait]
impl Holder for Held {
    async fn erase(&self, tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, PgError> {
        mention_erase(tx, user).await
    }
}

/// All that is held of workspaces, and removed with them. Attempts come after their deliveries, without which none is added.
pub(crate) const KEPT: Tables = Tables(&[
    ("deliveries", "workspace_id"),
    ("attempts", "workspace_id"),
    ("replays", "workspace_id"),
    ("messages", "workspace_id"),
    ("mentions", "tenant"),
    ("unmetered", "tenant"),
    ("endpoint_secrets", "workspace_id"),
    ("breakers", "tenant"),
    ("endpoints", "workspace_id"),
    ("silences", "workspace_id"),
    ("keyed_workspaces", "tenant"),
]);
