//! What is fetched instead of sent.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_ids::{DeliveryId, EndpointId};
use witan_pg::{PgError, TenantTx, Tx as _, sql};

use crate::domain::state::{DeliveryState, EndpointState};
use crate::schema::deliveries;

/// An endpoint that a delivery is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) endpoint: EndpointId,
    pub(crate) state: EndpointState,
    /// Of what is not sent now: its place among what can be fetched.
    pub(crate) place: Option<i64>,
}

/// Places at an endpoint, and its state.
#[derive(Debug)]
pub(crate) struct Reserved {
    pub(crate) endpoint: EndpointId,
    pub(crate) state: EndpointState,
    places: RangeInclusive<i64>,
}

impl Reserved {
    /// The next place.
    pub(crate) fn target(&mut self) -> Target {
        Target { endpoint: self.endpoint, state: self.state, place: self.places.next() }
    }
}

#[derive(QueryableByName)]
struct Placed {
    #[diesel(sql_type = SqlUuid)]
    id: EndpointId,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    before: i64,
    #[diesel(sql_type = BigInt)]
    pull_position: i64,
}

/// One order for all, so that two who want the same endpoints do not wait for each other.
const RESERVE: &str = "
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest($2::uuid[], $3::bigint[]) AS wanted (id, places)
), locked AS MATERIALIZED (
    SELECT workspace_id, id FROM endpoints WHERE workspace_id = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE
)
UPDATE endpoints e SET pull_position = e.pull_position + wanted.places FROM locked JOIN wanted USING (id)
WHERE e.workspace_id = locked.workspace_id AND e.id = locked.id
RETURNING e.id, e.state, e.pull_position - wanted.places AS before, e.pull_position";

/// The states of some endpoints, which stay as they are until the transaction ends, because what is held for one must be
/// there before somebody resumes it; and so many places at each. Nobody gets a later place before these are visible, or given up.
pub(crate) async fn pull_reserve(
    tx: &mut TenantTx<'_>,
    wanted: &BTreeMap<EndpointId, i64>,
) -> Result<Vec<Reserved>, PgError> {
    let (ids, places): (Vec<EndpointId>, Vec<i64>) = wanted.iter().unzip();
    let query = sql(RESERVE).bind::<SqlUuid, _>(tx.workspace_id().uuid());
    let query = query.bind::<Array<SqlUuid>, _>(ids).bind::<Array<BigInt>, _>(places);
    let placed: Vec<Placed> = query.load(tx.conn()).await?;
    let reserved = |row: Placed| Reserved {
        endpoint: row.id,
        state: EndpointState::from_column(&row.state),
        places: row.before + 1..=row.pull_position,
    };
    Ok(placed.into_iter().map(reserved).collect())
}

/// The same for one place at one endpoint; none if there is no such endpoint.
pub(crate) async fn pull_place(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
) -> Result<Option<Target>, PgError> {
    let mut reserved = pull_reserve(tx, &BTreeMap::from([(endpoint, 1)])).await?;
    Ok(reserved.first_mut().map(Reserved::target))
}

/// What the index says of itself.
const INDEXED: [DeliveryState; 3] = [DeliveryState::Held, DeliveryState::Cancelled, DeliveryState::Failed];

/// An event as it would be sent.
#[derive(Debug, QueryableByName)]
pub(crate) struct Waiting {
    #[diesel(sql_type = BigInt)]
    pub(crate) place: i64,
    #[diesel(sql_type = Binary)]
    pub(crate) body: Vec<u8>,
}

const WAITING: &str = "
SELECT d.pull_position AS place, m.body
FROM deliveries d JOIN messages m ON m.workspace_id = d.workspace_id AND m.id = d.message_id
WHERE d.workspace_id = $1 AND d.endpoint_id = $2 AND d.pull_position > $3
    AND d.state IN ('HELD', 'CANCELLED', 'FAILED') AND d.state = ANY($4)
ORDER BY d.pull_position LIMIT $5";

/// Those behind a place, in the order of places.
pub(crate) async fn pull_waiting(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
    after: i64,
    states: &[DeliveryState],
    limit: i64,
) -> Result<Vec<Waiting>, PgError> {
    let query = sql(WAITING)
        .bind::<SqlUuid, _>(tx.workspace_id().uuid())
        .bind::<SqlUuid, _>(endpoint)
        .bind::<BigInt, _>(after)
        .bind::<Array<Text>, _>(names(states))
        .bind::<BigInt, _>(limit);
    Ok(query.load(tx.conn()).await?)
}

/// Of those up to a place the first ones, which have arrived now. How many they were.
pub(crate) async fn pull_settle(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
    through: i64,
    states: &[DeliveryState],
    most: i64,
    now: DateTime<Utc>,
) -> Result<usize, PgError> {
    let first: Vec<DeliveryId> = deliveries::table
        .filter(deliveries::endpoint_id.eq(endpoint))
        .filter(deliveries::pull_position.le(through))
        .filter(deliveries::state.eq_any(names(&INDEXED)))
        .filter(deliveries::state.eq_any(names(states)))
        .order(deliveries::pull_position)
        .limit(most)
        .select(deliveries::id)
        .load(tx.conn())
        .await?;
    let settled = diesel::update(deliveries::table.filter(deliveries::id.eq_any(first)))
        .set((deliveries::state.eq(DeliveryState::Succeeded.as_str()), deliveries::finished_at.eq(now)))
        .execute(tx.conn())
        .await?;
    Ok(settled)
}

fn names(states: &[DeliveryState]) -> Vec<&'static str> {
    states.iter().map(|state| state.as_str()).collect()
}
