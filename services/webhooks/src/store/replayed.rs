//! The deliveries of a replay.

use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{DeliveryId, ReplayId};
use witan_pg::{PgError, TenantTx, Tx as _};

use super::deliveries::DeliveryRow;
use super::replays::ReplayRow;
use crate::domain::state::DeliveryState;
use crate::schema::deliveries;

/// What the operation for tests sends of its own accord is nobody's event.
pub(crate) const TEST: &str = "webhook.test";

/// Those that a replay has not looked at yet.
fn left(replay: &ReplayRow) -> deliveries::BoxedQuery<'_, Pg> {
    let states = replay.kind().states().iter().map(|state| state.as_str());
    let mut query = deliveries::table
        .filter(deliveries::endpoint_id.eq(replay.endpoint_id))
        .filter(deliveries::id.gt(DeliveryId::from_uuid(replay.position)))
        .filter(deliveries::id.lt(DeliveryId::from_uuid(replay.bound)))
        .filter(deliveries::state.eq_any(states.collect::<Vec<_>>()))
        .filter(deliveries::created_at.ge(replay.since))
        .filter(deliveries::event_type.ne(TEST))
        .into_boxed();
    if let Some(until) = replay.until {
        query = query.filter(deliveries::created_at.lt(until));
    }
    if let Some(types) = &replay.event_types {
        query = query.filter(deliveries::event_type.eq_any(types));
    }
    query
}

pub(crate) async fn replayed_count(tx: &mut TenantTx<'_>, replay: &ReplayRow) -> Result<i64, PgError> {
    Ok(left(replay).select(count_star()).get_result(tx.conn()).await?)
}

/// How many the replay has on their way.
pub(crate) async fn replayed_pending(tx: &mut TenantTx<'_>, replay: ReplayId) -> Result<i64, PgError> {
    let pending = deliveries::table
        .filter(deliveries::replay_id.eq(replay))
        .filter(deliveries::state.eq(DeliveryState::Pending.as_str()))
        .count()
        .get_result(tx.conn())
        .await?;
    Ok(pending)
}

/// What one step of a replay did.
pub(crate) struct Batch {
    /// What is on its way now.
    pub(crate) rows: Vec<DeliveryRow>,
    /// The last one that was looked at; none when nothing was left.
    pub(crate) last: Option<DeliveryId>,
}

/// Begins a new round for the oldest of those that are left. What a resend has taken meanwhile is not finished any more
/// and left alone.
pub(crate) async fn replayed_restart(
    tx: &mut TenantTx<'_>,
    replay: &ReplayRow,
    most: i64,
    now: DateTime<Utc>,
) -> Result<Batch, PgError> {
    let ids: Vec<DeliveryId> =
        left(replay).select(deliveries::id).order(deliveries::id).limit(most).load(tx.conn()).await?;
    let states: Vec<&str> = replay.kind().states().iter().map(|state| state.as_str()).collect();
    let chosen =
        deliveries::table.filter(deliveries::id.eq_any(&ids)).filter(deliveries::state.eq_any(states));
    let mut rows: Vec<DeliveryRow> = diesel::update(chosen)
        .set((
            deliveries::state.eq(DeliveryState::Pending.as_str()),
            deliveries::round.eq(deliveries::round + 1),
            deliveries::round_attempts.eq(0),
            deliveries::next_attempt_at.eq(now),
            deliveries::finished_at.eq(None::<DateTime<Utc>>),
            deliveries::replay_id.eq(replay.id),
        ))
        .returning(DeliveryRow::as_returning())
        .get_results(tx.conn())
        .await?;
    rows.sort_by_key(|row| row.id);
    Ok(Batch { rows, last: ids.last().copied() })
}
