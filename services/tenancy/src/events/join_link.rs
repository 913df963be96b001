//! Of the link by which people join.

use witan_clock::Clock;
use witan_events::contracts::tenancy::v1::JoinLinkChanged;
use witan_events::publish;
use witan_pg::{PgError, TenantTx};

/// It was made, changed or removed.
pub(crate) async fn changed(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    action: &'static str,
) -> Result<(), PgError> {
    let subject = tx.workspace_id().to_string();
    let event = JoinLinkChanged { workspace_id: subject.clone(), change: action.to_owned() };
    publish(tx, clock, &subject, &event).await.map(drop)
}
