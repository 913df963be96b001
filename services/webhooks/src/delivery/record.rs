use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::try_join;
use witan_clock::Clock;
use witan_egress::{EgressError, Incoming};
use witan_events::contracts::webhooks::v1::EndpointDisabled;
use witan_events::publish;
use witan_ids::AttemptId;
use witan_pg::{PgError, TenantTx};

use super::create::DeliverJob;
use super::metrics;
use super::send::MAX_ANSWER;
use crate::config::WebhooksConfig;
use crate::domain::outcome::{Outcome, retry_after};
use crate::domain::schedule::Schedule;
use crate::domain::state::{DeliveryState, EndpointState};
use crate::store::attempts::{AttemptRow, attempt_insert};
use crate::store::deliveries::{
    DeliveryProgress, DeliveryRow, delivery_count_attempt, delivery_lock, delivery_progress,
};
use crate::store::endpoints::{endpoint_lock, endpoint_recover, endpoint_set_health, endpoint_set_state};
use crate::store::pull::pull_place;
use crate::store::unmetered::unmetered_add;

/// One attempt and what it came to.
pub(crate) struct Attempted {
    pub(crate) outcome: Outcome,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) elapsed: Duration,
    pub(crate) status: Option<i32>,
    pub(crate) body: String,
    pub(crate) truncated: bool,
    retry_after: Option<Duration>,
}

impl Attempted {
    pub(crate) fn new(
        started_at: DateTime<Utc>,
        elapsed: Duration,
        result: &Result<Incoming, EgressError>,
        now: DateTime<Utc>,
    ) -> Self {
        let answer = result.as_ref().ok();
        Self {
            outcome: outcome(result),
            started_at,
            elapsed,
            status: answer.map(|answer| i32::from(answer.status.as_u16())),
            body: answer.map(|answer| text(&answer.body)).unwrap_or_default(),
            truncated: answer.is_some_and(|answer| answer.truncated),
            retry_after: answer.and_then(|answer| {
                let asked = answer.headers.get(http::header::RETRY_AFTER)?;
                retry_after(asked.to_str().ok()?, now)
            }),
        }
    }

    pub(crate) fn duration_ms(&self) -> i32 {
        i32::try_from(self.elapsed.as_millis()).unwrap_or(i32::MAX)
    }
}

/// PostgreSQL's text has no NUL, and a partner's answer need not be text at all. What stands for what is none takes more room
/// than it.
fn text(answer: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(answer).replace('\0', "\u{fffd}");
    text.truncate(text.floor_char_boundary(MAX_ANSWER));
    text
}

fn outcome(result: &Result<Incoming, EgressError>) -> Outcome {
    match result {
        Ok(answer) => Outcome::of_status(answer.status.as_u16()),
        Err(EgressError::Blocked | EgressError::Url(_)) => Outcome::Blocked,
        Err(EgressError::Timeout(_) | EgressError::Idle(_)) => Outcome::Timeout,
        Err(EgressError::Connect(_) | EgressError::Client(_)) => Outcome::Unreachable,
        Err(_) => Outcome::Broken,
    }
}

/// Writes an attempt down and decides what follows. Returns when the next attempt is due, if there is one.
pub(crate) async fn record(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    config: &WebhooksConfig,
    job: &DeliverJob,
    attempted: &Attempted,
) -> Result<Option<DateTime<Utc>>, PgError> {
    let (id, now) = (job.delivery_id, clock.now());
    let delivery = if attempted.outcome == Outcome::Succeeded {
        let both = tx.pipeline();
        try_join!(delivery_lock(both, id), endpoint_recover(both, job.endpoint_id))?.0
    } else {
        delivery_lock(tx.pipeline(), id).await?
    };
    // Deleted with its endpoint while it was on the way: there is nothing left to write to.
    let Some(delivery) = delivery else { return Ok(None) };
    let (state, next) = match attempted.outcome {
        Outcome::Succeeded => {
            unmetered_add(tx, &[(delivery.workspace_id, 1)]).await?;
            (DeliveryState::Succeeded, None)
        }
        outcome => match note_failure(tx, clock, config, &delivery, outcome).await? {
            Some(schedule) => after_failure(clock, &schedule, &delivery, attempted),
            None => (DeliveryState::Cancelled, None),
        },
    };
    let row = attempt_row(clock, &delivery, attempted, next);
    if delivery.round != job.round {
        // A resend has begun its own round meanwhile; this attempt is only counted.
        attempt_insert(tx.pipeline(), &row).await?;
        delivery_count_attempt(tx, id, row.number).await?;
        return Ok(None);
    }
    // What did not arrive can be fetched once the endpoint is given up.
    let lost = matches!(state, DeliveryState::Failed | DeliveryState::Cancelled);
    let target = if lost { pull_place(tx, delivery.endpoint_id).await? } else { None };
    let progress = DeliveryProgress {
        state: state.as_str().to_owned(),
        round_attempts: delivery.round_attempts + 1,
        attempts: row.number,
        last_outcome: Some(attempted.outcome.as_str().to_owned()),
        last_status: attempted.status,
        next_attempt_at: next,
        finished_at: (state != DeliveryState::Pending).then_some(now),
        sending_until: None,
        pull_position: target.and_then(|target| target.place),
    };
    let all = tx.pipeline();
    try_join!(attempt_insert(all, &row), delivery_progress(all, id, &progress))?;
    Ok(next)
}

fn after_failure(
    clock: &Clock,
    schedule: &Schedule,
    delivery: &DeliveryRow,
    attempted: &Attempted,
) -> (DeliveryState, Option<DateTime<Utc>>) {
    let failures = u32::try_from(delivery.round_attempts + 1).unwrap_or(u32::MAX);
    match schedule.after(failures, attempted.retry_after, clock) {
        Some(wait) => (DeliveryState::Pending, Some(clock.now() + wait)),
        None => (DeliveryState::Failed, None),
    }
}

fn attempt_row(
    clock: &Clock,
    delivery: &DeliveryRow,
    attempted: &Attempted,
    next: Option<DateTime<Utc>>,
) -> AttemptRow {
    AttemptRow {
        workspace_id: delivery.workspace_id,
        id: AttemptId::generate(clock),
        delivery_id: delivery.id,
        number: delivery.attempts + 1,
        started_at: attempted.started_at,
        duration_ms: attempted.duration_ms(),
        outcome: attempted.outcome.as_str().to_owned(),
        status: attempted.status,
        response_body: attempted.body.clone(),
        truncated: attempted.truncated,
        next_attempt_at: next,
        endpoint_id: delivery.endpoint_id,
        event_type: delivery.event_type.clone(),
    }
}

/// Writes the endpoint's health, and disables it if that was the last straw; gives its schedule if it is not disabled.
async fn note_failure(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    config: &WebhooksConfig,
    delivery: &DeliveryRow,
    outcome: Outcome,
) -> Result<Option<Schedule>, PgError> {
    let now = clock.now();
    let Some(endpoint) = endpoint_lock(tx, delivery.endpoint_id).await? else { return Ok(None) };
    if endpoint.state() == EndpointState::Disabled {
        return Ok(None);
    }
    let health = endpoint.health().failed(now);
    let reason = match outcome {
        Outcome::Gone => "GONE",
        _ if health.hopeless(now, config.disable_after) => "FAILING",
        _ => {
            endpoint_set_health(tx, endpoint.id, health).await?;
            return Ok(Some(endpoint.schedule(config)));
        }
    };
    // Its other deliveries find out when their time comes: to touch them here would wait for their workers.
    endpoint_set_state(tx, endpoint.id, EndpointState::Disabled, Some(reason), now).await?;
    metrics::disabled(reason);
    let event = EndpointDisabled {
        workspace_id: delivery.workspace_id.to_string(),
        endpoint_id: endpoint.id.to_string(),
        reason: reason.to_owned(),
    };
    publish(tx, clock, &event.endpoint_id, &event).await?;
    Ok(None)
}
