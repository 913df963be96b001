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
    ("stream_events", "workspace_id"),
    ("messages", "workspace_id"),
    ("conversations", "workspace_id"),
    ("personas", "workspace_id"),
    ("trait_secrets", "workspace_id"),
    ("inbound_receipts", "workspace_id"),
    ("projects", "workspace_id"),
    ("keyed_workspaces", "tenant"),
    ("live_streams", "tenant"),
    ("places", "tenant"),
]);
