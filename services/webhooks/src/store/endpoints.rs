use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{EndpointId, WorkspaceId};
use witan_pg::{PgError, Pipeline, TenantTx, Tx as _, prepared};

use super::attempts::attempt_forget_endpoint;
use super::deliveries::delivery_forget_endpoint;
use crate::config::WebhooksConfig;
use crate::domain::health::Health;
use crate::domain::rate::Rate;
use crate::domain::schedule::Schedule;
use crate::domain::signature::Signature;
use crate::domain::state::EndpointState;
use crate::domain::verification::Verification;
use crate::schema::endpoints;

/// An endpoint as stored: what is secret is sealed.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = endpoints, check_for_backend(diesel::pg::Pg))]
pub(crate) struct EndpointRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: EndpointId,
    /// None of those that nothing is sent to.
    pub(crate) url_sealed: Option<Vec<u8>>,
    pub(crate) description: String,
    pub(crate) events: Vec<String>,
    pub(crate) headers_sealed: Option<Vec<u8>>,
    pub(crate) state: String,
    pub(crate) disabled_reason: Option<String>,
    pub(crate) consecutive_failures: i32,
    pub(crate) failing_since: Option<DateTime<Utc>>,
    pub(crate) breaker_until: Option<DateTime<Utc>>,
    pub(crate) signature: String,
    /// Of the current key, where it has a public half.
    pub(crate) public_key: Option<String>,
    pub(crate) rate_limit: Option<i32>,
    pub(crate) max_concurrency: Option<i32>,
    pub(crate) timeout_seconds: Option<i32>,
    pub(crate) retry_seconds: Option<Vec<i32>>,
    pub(crate) ordered: bool,
    pub(crate) verification: String,
    pub(crate) verified_at: Option<DateTime<Utc>>,
    /// What its receiver allows in a minute.
    pub(crate) allowed_rate: Option<i32>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl EndpointRow {
    pub(crate) fn state(&self) -> EndpointState {
        EndpointState::from_column(&self.state)
    }

    pub(crate) fn signature(&self) -> Signature {
        Signature::from_column(&self.signature)
    }

    pub(crate) fn rate(&self) -> Option<Rate> {
        Rate::both(self.rate_limit, self.allowed_rate)
    }

    pub(crate) fn verification(&self) -> Verification {
        Verification::from_column(&self.verification)
    }

    /// Over connecting, sending and reading the answer.
    pub(crate) fn timeout(&self, config: &WebhooksConfig) -> Duration {
        let own = self.timeout_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        own.map_or(config.timeout, Duration::from_secs)
    }

    /// Waits between attempts.
    pub(crate) fn schedule(&self, config: &WebhooksConfig) -> Schedule {
        let own = self.retry_seconds.as_deref().map(Schedule::of_seconds);
        own.unwrap_or_else(|| config.schedule.clone())
    }

    pub(crate) fn health(&self) -> Health {
        Health {
            consecutive_failures: self.consecutive_failures,
            failing_since: self.failing_since,
            breaker_until: self.breaker_until,
        }
    }
}

/// What a PATCH may touch; `None` leaves a column as it is.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = endpoints)]
pub(crate) struct EndpointChange {
    pub(crate) url_sealed: Option<Vec<u8>>,
    pub(crate) description: Option<String>,
    pub(crate) events: Option<Vec<String>>,
    pub(crate) headers_sealed: Option<Option<Vec<u8>>>,
    pub(crate) public_key: Option<Option<String>>,
    pub(crate) rate_limit: Option<Option<i32>>,
    pub(crate) max_concurrency: Option<Option<i32>>,
    pub(crate) timeout_seconds: Option<Option<i32>>,
    pub(crate) retry_seconds: Option<Option<Vec<i32>>>,
    pub(crate) ordered: Option<bool>,
    pub(crate) verified_at: Option<Option<DateTime<Utc>>>,
    pub(crate) allowed_rate: Option<Option<i32>>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

pub(crate) async fn endpoint_insert(tx: &mut TenantTx<'_>, row: &EndpointRow) -> Result<(), PgError> {
    diesel::insert_into(endpoints::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn endpoint_find(
    tx: &mut TenantTx<'_>,
    id: EndpointId,
) -> Result<Option<EndpointRow>, PgError> {
    let query = endpoints::table.filter(endpoints::id.eq(id)).select(EndpointRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// For a change of state, which two workers and a person may want at once.
pub(crate) async fn endpoint_lock(
    tx: &mut TenantTx<'_>,
    id: EndpointId,
) -> Result<Option<EndpointRow>, PgError> {
    let query = endpoints::table.filter(endpoints::id.eq(id)).select(EndpointRow::as_select()).for_update();
    Ok(query.first(tx.conn()).await.optional()?)
}

pub(crate) async fn endpoint_list(
    tx: &mut TenantTx<'_>,
    before: Option<EndpointId>,
    limit: i64,
) -> Result<Vec<EndpointRow>, PgError> {
    let mut query = endpoints::table.select(EndpointRow::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(endpoints::id.lt(before));
    }
    Ok(query.order(endpoints::id.desc()).limit(limit).load(tx.conn()).await?)
}

pub(crate) async fn endpoint_count(tx: &mut TenantTx<'_>) -> Result<i64, PgError> {
    Ok(endpoints::table.count().get_result(tx.conn()).await?)
}

/// Those that take deliveries.
pub(crate) async fn endpoint_enabled(tx: &mut TenantTx<'_>) -> Result<Vec<EndpointId>, PgError> {
    let enabled = endpoints::table.filter(endpoints::state.eq(EndpointState::Enabled.as_str()));
    Ok(enabled.order(endpoints::id).select(endpoints::id).load(tx.conn()).await?)
}

/// The endpoints that want an event: those with any of `patterns`.
pub(crate) async fn endpoint_wanting(
    tx: Pipeline<'_>,
    patterns: &[String],
) -> Result<Vec<(EndpointId, EndpointState)>, PgError> {
    let found: Vec<(EndpointId, String)> = endpoints::table
        .filter(endpoints::events.overlaps_with(patterns))
        .select((endpoints::id, endpoints::state))
        .load(&mut tx.conn())
        .await?;
    Ok(found.into_iter().map(|(id, state)| (id, EndpointState::from_column(&state))).collect())
}

pub(crate) async fn endpoint_update(
    tx: &mut TenantTx<'_>,
    id: EndpointId,
    change: &EndpointChange,
) -> Result<EndpointRow, PgError> {
    let updated = diesel::update(endpoints::table.filter(endpoints::id.eq(id)))
        .set(change)
        .returning(EndpointRow::as_returning())
        .get_result(tx.conn())
        .await?;
    Ok(updated)
}

/// A change of state always starts with a clean record.
pub(crate) async fn endpoint_set_state(
    tx: &mut TenantTx<'_>,
    id: EndpointId,
    state: EndpointState,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let updated = diesel::update(endpoints::table.filter(endpoints::id.eq(id)))
        .set((
            endpoints::state.eq(state.as_str()),
            endpoints::disabled_reason.eq(reason),
            endpoints::consecutive_failures.eq(0),
            endpoints::failing_since.eq(None::<DateTime<Utc>>),
            endpoints::breaker_until.eq(None::<DateTime<Utc>>),
            endpoints::updated_at.eq(now),
        ))
        .execute(tx.conn())
        .await?;
    witan_pg::expect_one(updated)
}

/// Gone in the meantime is no mistake: the delivery that writes this may outlive its endpoint.
pub(crate) async fn endpoint_set_health(
    tx: &mut TenantTx<'_>,
    id: EndpointId,
    health: Health,
) -> Result<(), PgError> {
    diesel::update(endpoints::table.filter(endpoints::id.eq(id)))
        .set((
            endpoints::consecutive_failures.eq(health.consecutive_failures),
            endpoints::failing_since.eq(health.failing_since),
            endpoints::breaker_until.eq(health.breaker_until),
        ))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// After a success. Only the first one after a failure writes anything: a healthy endpoint's row is no bottleneck.
pub(crate) async fn endpoint_recover(tx: Pipeline<'_>, id: EndpointId) -> Result<(), PgError> {
    let good = Health::GOOD;
    let ill = endpoints::table.filter(endpoints::id.eq(id)).filter(endpoints::consecutive_failures.gt(0));
    let recover = diesel::update(ill).set((
        endpoints::consecutive_failures.eq(good.consecutive_failures),
        endpoints::failing_since.eq(good.failing_since),
        endpoints::breaker_until.eq(good.breaker_until),
    ));
    prepared(recover).execute(&mut tx.conn()).await?;
    Ok(())
}

/// Takes the probe of a breaker that was open until `open`, unless another worker was first. Until it is over nobody else gets through.
pub(crate) async fn endpoint_take_probe(
    tx: &mut TenantTx<'_>,
    id: EndpointId,
    open: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, PgError> {
    let taken = diesel::update(
        endpoints::table.filter(endpoints::id.eq(id)).filter(endpoints::breaker_until.eq(open)),
    )
    .set(endpoints::breaker_until.eq(until))
    .execute(tx.conn())
    .await?;
    Ok(taken == 1)
}

/// With its secrets, its deliveries and their attempts.
pub(crate) async fn endpoint_delete(tx: &mut TenantTx<'_>, id: EndpointId) -> Result<bool, PgError> {
    let deleted = diesel::delete(endpoints::table.filter(endpoints::id.eq(id))).execute(tx.conn()).await?;
    delivery_forget_endpoint(tx, id).await?;
    attempt_forget_endpoint(tx, id).await?;
    Ok(deleted == 1)
}
