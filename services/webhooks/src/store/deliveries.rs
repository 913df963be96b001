use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{DeliveryId, EndpointId, EventId, WorkspaceId};
use witan_pg::{PgError, Pipeline, TenantTx, Tx as _, prepared};

use crate::domain::order::Position;
use crate::domain::span::Span;
use crate::domain::state::DeliveryState;
use crate::schema::{deliveries, endpoints};

/// One message for one endpoint.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = deliveries, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
pub(crate) struct DeliveryRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: DeliveryId,
    pub(crate) endpoint_id: EndpointId,
    pub(crate) message_id: EventId,
    pub(crate) event_type: String,
    pub(crate) state: String,
    pub(crate) round: i32,
    pub(crate) round_attempts: i32,
    pub(crate) attempts: i32,
    pub(crate) last_outcome: Option<String>,
    pub(crate) last_status: Option<i32>,
    pub(crate) next_attempt_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
    pub(crate) order_key: Option<i64>,
    pub(crate) sequence: Option<i64>,
    pub(crate) pull_position: Option<i64>,
    /// Its place in a window of its endpoint's rate.
    pub(crate) slot_at: Option<DateTime<Utc>>,
}

impl DeliveryRow {
    pub(crate) fn state(&self) -> DeliveryState {
        DeliveryState::from_column(&self.state)
    }

    pub(crate) fn position(&self) -> Option<Position> {
        Some(Position { key: self.order_key?, sequence: self.sequence? })
    }

    /// Whether it has no time of its own because others come before it.
    pub(crate) fn waits_for_its_turn(&self) -> bool {
        self.state() == DeliveryState::Pending && self.next_attempt_at.is_none()
    }
}

/// Which deliveries to list.
#[derive(Debug, Default)]
pub(crate) struct DeliveryFilter {
    pub(crate) endpoint: Option<EndpointId>,
    pub(crate) message: Option<EventId>,
    pub(crate) state: Option<DeliveryState>,
    pub(crate) event_type: Option<String>,
    pub(crate) span: Span,
}

/// A delivery's id is made right after its time was read; this much is for clocks that were set back.
const LATE: Duration = Duration::from_secs(60);

/// Rows of an insert up to which every number of them has a statement that stays prepared.
const PREPARED: usize = 10;

/// One statement, however many endpoints there are.
pub(crate) async fn delivery_insert(tx: Pipeline<'_>, rows: &[DeliveryRow]) -> Result<(), PgError> {
    // Eighteen parameters a row, of the 65,535 that a statement can have.
    for chunk in rows.chunks(3500) {
        let insert = diesel::insert_into(deliveries::table).values(chunk);
        // Few endpoints want the same event, as a rule.
        if chunk.len() <= PREPARED {
            prepared(insert).execute(&mut tx.conn()).await?;
        } else {
            insert.execute(&mut tx.conn()).await?;
        }
    }
    Ok(())
}

pub(crate) async fn delivery_find(
    tx: &mut TenantTx<'_>,
    id: DeliveryId,
) -> Result<Option<DeliveryRow>, PgError> {
    let query = deliveries::table.filter(deliveries::id.eq(id)).select(DeliveryRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

pub(crate) async fn delivery_lock(tx: Pipeline<'_>, id: DeliveryId) -> Result<Option<DeliveryRow>, PgError> {
    let query = deliveries::table.filter(deliveries::id.eq(id)).select(DeliveryRow::as_select()).for_update();
    Ok(query.first(&mut tx.conn()).await.optional()?)
}

pub(crate) async fn delivery_list(
    tx: &mut TenantTx<'_>,
    filter: &DeliveryFilter,
    before: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, PgError> {
    let mut query = deliveries::table.select(DeliveryRow::as_select()).into_boxed();
    if let Some(endpoint) = filter.endpoint {
        query = query.filter(deliveries::endpoint_id.eq(endpoint));
    }
    if let Some(state) = filter.state {
        query = query.filter(deliveries::state.eq(state.as_str()));
        if state != DeliveryState::Succeeded {
            // What the index of these says of itself.
            query = query.filter(deliveries::state.ne(DeliveryState::Succeeded.as_str()));
        }
    }
    if let Some(event_type) = &filter.event_type {
        query = query.filter(deliveries::event_type.eq(event_type));
    }
    if let Some(message) = filter.message {
        query = query.filter(deliveries::message_id.eq(message));
    }
    if let Some(since) = filter.span.since {
        let lowest = DeliveryId::from_uuid(filter.span.lowest());
        query = query.filter(deliveries::created_at.ge(since)).filter(deliveries::id.ge(lowest));
    }
    if let Some(until) = filter.span.until {
        let highest = DeliveryId::from_uuid(filter.span.highest(LATE));
        query = query.filter(deliveries::created_at.lt(until)).filter(deliveries::id.lt(highest));
    }
    if let Some(before) = before {
        query = query.filter(deliveries::id.lt(before));
    }
    Ok(query.order(deliveries::id.desc()).limit(limit).load(tx.conn()).await?)
}

/// What an attempt changes in its delivery.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = deliveries, treat_none_as_null = true)]
pub(crate) struct DeliveryProgress {
    pub(crate) state: String,
    pub(crate) round_attempts: i32,
    pub(crate) attempts: i32,
    pub(crate) last_outcome: Option<String>,
    pub(crate) last_status: Option<i32>,
    pub(crate) next_attempt_at: Option<DateTime<Utc>>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
    pub(crate) sending_until: Option<DateTime<Utc>>,
    pub(crate) pull_position: Option<i64>,
}

/// The attempt's number is the one after the last, or else nothing is written.
pub(crate) async fn delivery_progress(
    tx: Pipeline<'_>,
    id: DeliveryId,
    progress: &DeliveryProgress,
) -> Result<(), PgError> {
    let before = deliveries::table
        .filter(deliveries::id.eq(id))
        .filter(deliveries::attempts.eq(progress.attempts - 1));
    let updated = prepared(diesel::update(before).set(progress)).execute(&mut tx.conn()).await?;
    witan_pg::expect_one(updated)
}

/// The attempt's number is the one after the last, or else nothing is written.
pub(crate) async fn delivery_count_attempt(
    tx: &mut TenantTx<'_>,
    id: DeliveryId,
    number: i32,
) -> Result<(), PgError> {
    let before = deliveries::table.filter(deliveries::id.eq(id)).filter(deliveries::attempts.eq(number - 1));
    let updated = diesel::update(before)
        .set((deliveries::attempts.eq(number), deliveries::sending_until.eq(None::<DateTime<Utc>>)))
        .execute(tx.conn())
        .await?;
    witan_pg::expect_one(updated)
}

/// Removes one whose endpoint was deleted while it was being made: nothing refers to an endpoint by a foreign key, for which every
/// delivery would take a lock on it.
pub(crate) async fn delivery_forget_stray(tx: &mut TenantTx<'_>, id: DeliveryId) -> Result<(), PgError> {
    let endpoint =
        endpoints::workspace_id.eq(deliveries::workspace_id).and(endpoints::id.eq(deliveries::endpoint_id));
    let stray = deliveries::table
        .filter(deliveries::id.eq(id))
        .filter(not(exists(endpoints::table.filter(endpoint).select(endpoints::id))));
    diesel::delete(stray).execute(tx.conn()).await?;
    Ok(())
}

/// Removes all of an endpoint's.
pub(crate) async fn delivery_forget_endpoint(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
) -> Result<(), PgError> {
    diesel::delete(deliveries::table.filter(deliveries::endpoint_id.eq(endpoint))).execute(tx.conn()).await?;
    Ok(())
}

/// Puts a pending delivery aside: `HELD` while its endpoint is paused, `CANCELLED` when it was disabled. It can be fetched
/// where it has a place.
pub(crate) async fn delivery_park(
    tx: &mut TenantTx<'_>,
    id: DeliveryId,
    state: DeliveryState,
    finished_at: Option<DateTime<Utc>>,
    pull_position: Option<i64>,
) -> Result<(), PgError> {
    diesel::update(deliveries::table.filter(deliveries::id.eq(id)))
        .set((
            deliveries::state.eq(state.as_str()),
            deliveries::pull_position.eq(pull_position),
            deliveries::next_attempt_at.eq(None::<DateTime<Utc>>),
            deliveries::finished_at.eq(finished_at),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Begins a new round: for a resend, or when a paused endpoint resumes. An older round's job finds itself outdated.
pub(crate) async fn delivery_restart(
    tx: &mut TenantTx<'_>,
    id: DeliveryId,
    now: DateTime<Utc>,
) -> Result<DeliveryRow, PgError> {
    let row = diesel::update(deliveries::table.filter(deliveries::id.eq(id)))
        .set((
            deliveries::state.eq(DeliveryState::Pending.as_str()),
            deliveries::round.eq(deliveries::round + 1),
            deliveries::round_attempts.eq(0),
            deliveries::next_attempt_at.eq(now),
            deliveries::finished_at.eq(None::<DateTime<Utc>>),
        ))
        .returning(DeliveryRow::as_returning())
        .get_result(tx.conn())
        .await?;
    Ok(row)
}

/// The deliveries that waited for their endpoint to resume, each in a new round.
pub(crate) async fn delivery_release(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
    now: DateTime<Utc>,
) -> Result<Vec<DeliveryRow>, PgError> {
    let held = deliveries::table
        .filter(deliveries::endpoint_id.eq(endpoint))
        .filter(deliveries::state.eq(DeliveryState::Held.as_str()));
    let rows = diesel::update(held)
        .set((
            deliveries::state.eq(DeliveryState::Pending.as_str()),
            deliveries::round.eq(deliveries::round + 1),
            deliveries::next_attempt_at.eq(now),
        ))
        .returning(DeliveryRow::as_returning())
        .get_results(tx.conn())
        .await?;
    Ok(rows)
}
