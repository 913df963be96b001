use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_ids::{AttemptId, DeliveryId, EndpointId, WorkspaceId};
use witan_pg::{PgError, Pipeline, TenantTx, Tx as _, prepared};

use super::deliveries::DeliveryRow;
use crate::domain::outcome::Outcome;
use crate::domain::span::Span;
use crate::schema::attempts;

/// One attempt, as the log shows it.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = attempts, check_for_backend(diesel::pg::Pg), treat_none_as_default_value = false)]
pub(crate) struct AttemptRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: AttemptId,
    pub(crate) delivery_id: DeliveryId,
    pub(crate) number: i32,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) duration_ms: i32,
    pub(crate) outcome: String,
    pub(crate) status: Option<i32>,
    pub(crate) response_body: String,
    pub(crate) truncated: bool,
    pub(crate) next_attempt_at: Option<DateTime<Utc>>,
    pub(crate) endpoint_id: EndpointId,
    pub(crate) event_type: String,
}

/// Which attempts to list.
#[derive(Debug, Default)]
pub(crate) struct AttemptFilter {
    pub(crate) endpoint: Option<EndpointId>,
    pub(crate) event_type: Option<String>,
    pub(crate) outcome: Option<Outcome>,
    /// The first and the last status that are meant.
    pub(crate) statuses: Option<(i32, i32)>,
    pub(crate) span: Span,
}

/// An attempt is written down when it is over: after the longest time that a partner has, and while the job is held.
const LATE: Duration = Duration::from_secs(300);
/// No attempt is older than its delivery by more than this, by whatever clocks: days before need not be looked into.
const SET_BACK: TimeDelta = TimeDelta::days(1);

pub(crate) async fn attempt_insert(tx: Pipeline<'_>, row: &AttemptRow) -> Result<(), PgError> {
    prepared(diesel::insert_into(attempts::table).values(row)).execute(&mut tx.conn()).await?;
    Ok(())
}

/// Removes those of deliveries that are gone, from `lowest` on: in a statement after the one that removed the deliveries, which waited
/// for everybody who was about to add one.
pub(crate) async fn attempt_forget(
    tx: &mut TenantTx<'_>,
    deliveries: &[DeliveryId],
    lowest: Uuid,
) -> Result<(), PgError> {
    let forgotten = attempts::table
        .filter(attempts::delivery_id.eq_any(deliveries))
        .filter(attempts::id.ge(AttemptId::from_uuid(lowest)));
    diesel::delete(forgotten).execute(tx.conn()).await?;
    Ok(())
}

/// The same for all of an endpoint's.
pub(crate) async fn attempt_forget_endpoint(
    tx: &mut TenantTx<'_>,
    endpoint: EndpointId,
) -> Result<(), PgError> {
    diesel::delete(attempts::table.filter(attempts::endpoint_id.eq(endpoint))).execute(tx.conn()).await?;
    Ok(())
}

/// Oldest first. A delivery has tens of attempts at most, resends included; a bound keeps it so.
pub(crate) async fn attempt_list(
    tx: &mut TenantTx<'_>,
    delivery: &DeliveryRow,
) -> Result<Vec<AttemptRow>, PgError> {
    let since = delivery.created_at.checked_sub_signed(SET_BACK);
    let lowest = AttemptId::from_uuid(Span { since, until: None }.lowest());
    let query = attempts::table
        .filter(attempts::delivery_id.eq(delivery.id))
        .filter(attempts::id.ge(lowest))
        .order(attempts::number.asc())
        .limit(500)
        .select(AttemptRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// Of the whole workspace, newest first, down to `lowest`: no day before that is looked into, or planned for.
pub(crate) async fn attempt_page(
    tx: &mut TenantTx<'_>,
    filter: &AttemptFilter,
    before: Option<AttemptId>,
    lowest: AttemptId,
    limit: i64,
) -> Result<Vec<AttemptRow>, PgError> {
    let mut query =
        attempts::table.filter(attempts::id.ge(lowest)).select(AttemptRow::as_select()).into_boxed();
    if let Some(endpoint) = filter.endpoint {
        query = query.filter(attempts::endpoint_id.eq(endpoint));
    }
    if let Some(event_type) = &filter.event_type {
        query = query.filter(attempts::event_type.eq(event_type));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(attempts::outcome.eq(outcome.as_str()));
    }
    if let Some((first, last)) = filter.statuses {
        query = query.filter(attempts::status.between(first, last));
    }
    if filter.failed() {
        // What the index of failures says of itself.
        query = query.filter(attempts::outcome.ne(Outcome::Succeeded.as_str()));
    }
    if let Some(since) = filter.span.since {
        let lowest = AttemptId::from_uuid(filter.span.lowest());
        query = query.filter(attempts::started_at.ge(since)).filter(attempts::id.ge(lowest));
    }
    if let Some(until) = filter.span.until {
        let highest = AttemptId::from_uuid(filter.span.highest(LATE));
        query = query.filter(attempts::started_at.lt(until)).filter(attempts::id.lt(highest));
    }
    if let Some(before) = before {
        query = query.filter(attempts::id.lt(before));
    }
    Ok(query.order(attempts::id.desc()).limit(limit).load(tx.conn()).await?)
}

impl AttemptFilter {
    /// Whether nothing that succeeded can be meant.
    fn failed(&self) -> bool {
        let outcome = self.outcome.is_some_and(|outcome| outcome != Outcome::Succeeded);
        outcome || self.statuses.is_some_and(|(first, last)| last < 200 || first > 299)
    }
}
