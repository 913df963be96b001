//! What the service holds of people, and how it is removed.

use async_trait::async_trait;
use witan_events::Holder;
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
