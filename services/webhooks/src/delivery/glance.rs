use chrono::{DateTime, Utc};
use futures_util::try_join;
use witan_ids::{DeliveryId, EndpointId, EventId};
use witan_pg::{PgError, TenantTx};

use super::claim::Due;
use super::create::DeliverJob;
use crate::domain::health::Health;
use crate::domain::state::{DeliveryState, EndpointState};
use crate::store::due::{DueRow, due_find};
use crate::store::messages::message_find;
use crate::store::secrets::{SecretRow, secret_live};

/// Reads what the attempts of several deliveries of a workspace need, without a lock on anything.
///
/// None of a delivery about which there is something to decide or to change before it is sent: its endpoint has an order, a limit, or
/// failures behind it, is not sent to, or is gone. That is for [`claim`](super::claim::claim).
pub(crate) async fn glance(
    tx: &mut TenantTx<'_>,
    jobs: &[DeliverJob],
    now: DateTime<Utc>,
) -> Result<Vec<Option<Due>>, PgError> {
    let ids: Vec<DeliveryId> = jobs.iter().map(|job| job.delivery_id).collect();
    let messages: Vec<EventId> = jobs.iter().map(|job| job.message_id).collect();
    let endpoints: Vec<EndpointId> = jobs.iter().map(|job| job.endpoint_id).collect();
    tx.prefer_indexes();
    let all = tx.pipeline();
    let (mut found, messages, secrets) = try_join!(
        due_find(all, &ids, &endpoints),
        message_find(all, &messages),
        secret_live(all, &endpoints, now)
    )?;
    let due = |job: &DeliverJob| {
        let row = found.remove(&job.delivery_id).filter(|row| is_plain(row, job))?;
        let message = messages.get(&job.message_id)?.clone();
        let secrets: Vec<SecretRow> =
            secrets.iter().filter(|secret| secret.endpoint_id == job.endpoint_id).cloned().collect();
        Some(Due { delivery: row.delivery, endpoint: row.endpoint, secrets, message })
    };
    Ok(jobs.iter().map(due).collect())
}

fn is_plain(row: &DueRow, job: &DeliverJob) -> bool {
    let (delivery, endpoint) = (&row.delivery, &row.endpoint);
    let free = !endpoint.ordered && endpoint.rate().is_none() && endpoint.max_concurrency.is_none();
    delivery.state() == DeliveryState::Pending
        && delivery.round == job.round
        && endpoint.state() == EndpointState::Enabled
        && endpoint.health() == Health::GOOD
        && free
        && !row.silenced
}
