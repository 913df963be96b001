//! A deliberation as rows.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use witan_clock::Clock;
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::codes;

use super::draw::settle;
use super::follow::last_event;
use super::load::Loaded;
use super::retell::{Retold, store_told};
use crate::app::App;
use crate::domain::budget::EXHAUSTED;
use crate::domain::outcome::{Deliberation, Review, Seat, Verdict};
use crate::domain::ranking::Place;
use crate::domain::sitting::Sitting;
use crate::domain::state::RunState;
use crate::events;
use crate::handlers::runs::show::shown;
use crate::sessions;
use crate::store::calls::{call_forget_answers, call_sums, call_takes};
use crate::store::leases::{lease_delete, lease_lock};
use crate::store::logs::{LogRow, log_insert};
use crate::store::members::{MemberRow, member_insert_all};
use crate::store::reviews::{ReviewRow, review_insert_all};
use crate::store::run_events::{RunEventRow, run_event_append, run_event_last};
use crate::store::runs::{RunEnd, run_end, run_find};

/// Everything that the end of a run writes.
pub(super) struct Record {
    run: Subject,
    end: RunEnd,
    members: Vec<MemberRow>,
    reviews: Vec<ReviewRow>,
    told: Option<Retold>,
}

/// Which run ends, and in which attempt.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    tenant: WorkspaceId,
    id: RunId,
    attempt: i16,
    agent: String,
    started_at: Option<DateTime<Utc>>,
}

impl Record {
    pub(super) fn of(run: &Loaded, sitting: &Sitting, came: Deliberation, now: DateTime<Utc>) -> Self {
        let (tenant, id) = (run.tenant, run.id);
        let member = |(at, seat): (usize, &Seat)| {
            let place = came.places.iter().find(|place| place.answer == at);
            member(tenant, id, at, seat, place)
        };
        let names = sitting.criteria_names();
        let review = |review: &Review| self::review(tenant, id, review, &names);
        let members = came.seats.iter().enumerate().map(member).collect();
        let reviews = came.reviews.iter().map(review).collect();
        Self { members, reviews, ..Self::without(run, end(came, now)) }
    }

    /// An end of which nothing is known but how it ended.
    pub(super) fn without(run: &Loaded, end: RunEnd) -> Self {
        let run = Subject {
            tenant: run.tenant,
            id: run.id,
            attempt: run.attempt,
            agent: run.question.agent.clone(),
            started_at: Some(run.started_at),
        };
        Self { run, end, members: Vec::new(), reviews: Vec::new(), told: None }
    }

    /// With what its models were told of its session, where that was found out first.
    pub(super) fn having_told(self, told: Option<Retold>) -> Self {
        Self { told, ..self }
    }
}

/// Writes the end of a run that this process carries. Returns its last event.
///
/// # Errors
/// [`PgError::NotFound`] when another process has it.
pub(super) async fn store(app: &App, record: &Record) -> Result<RunEventRow, PgError> {
    let run = &record.run;
    let write = async |tx: &mut TenantTx<'_>| -> Result<RunEventRow, PgError> {
        lock_parent(tx, run.id).await?;
        let lease = lease_lock(tx, run.id).await?.ok_or(PgError::NotFound)?;
        if lease.holder != Some(app.holder) || lease.attempts != run.attempt {
            return Err(PgError::NotFound);
        }
        let mut end = record.end.clone();
        let mut from = RunState::Running;
        if lease.cancel_requested {
            // Also when the answer was there a moment before: who was told that it is cancelled relies on it.
            (end, from) = (of_cancelled(end), RunState::Cancelling);
        }
        member_insert_all(tx, &record.members).await?;
        review_insert_all(tx, &record.reviews).await?;
        if let Some(told) = &record.told {
            store_told(tx, run.id, told).await?;
        }
        finish(tx, &app.clock, run, from, end).await
    };
    app.pg.tenant("run.end", run.tenant, write).await
}

/// Ends a run that nobody carries. The caller has locked its lease.
pub(super) async fn finish_waiting(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    id: RunId,
    agent: String,
) -> Result<RunEventRow, PgError> {
    let run = Subject { tenant: tx.workspace_id(), id, attempt: 0, agent, started_at: None };
    finish(tx, clock, &run, RunState::Queued, cancelled(clock.now())).await
}

/// Row, lease, last event, and the event for others, once and together.
async fn finish(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    run: &Subject,
    from: RunState,
    mut end: RunEnd,
) -> Result<RunEventRow, PgError> {
    let now = clock.now();
    let (all, chairs) = call_sums(tx, run.id).await?;
    (end.input_tokens, end.output_tokens) = (all.input_tokens, all.output_tokens);
    (end.cost_micros, end.tokens_estimated) = (all.cost_micros, all.estimated);
    (end.chair_input_tokens, end.chair_output_tokens) = (chairs.input_tokens, chairs.output_tokens);
    end.chair_cost_micros = chairs.cost_micros;
    if let Some(started) = run.started_at.filter(|_| run.attempt > 1) {
        end.total_ms =
            i32::try_from((now - started).num_milliseconds()).unwrap_or(i32::MAX).max(end.total_ms);
    }
    run_end(tx, run.id, from, &end).await?;
    if let Some(answer) = &end.answer {
        sessions::answered(tx, clock, run.id, answer).await?;
    }
    lease_delete(tx, run.id).await?;
    call_forget_answers(tx, run.id).await?;
    log_insert(tx, &LogRow { run_id: run.id, tenant: run.tenant, ended_at: now }).await?;
    give_back(tx, run.id).await?;
    let shown = shown(tx, run.id).await?.ok_or(PgError::NotFound)?;
    let (event, data) = last_event(&shown);
    let last = RunEventRow {
        workspace_id: run.tenant,
        run_id: run.id,
        seq: run_event_last(tx, run.id).await? + 1,
        event: event.to_owned(),
        data,
        created_at: now,
    };
    run_event_append(tx, std::slice::from_ref(&last)).await?;
    events::run_ended(tx, clock, run.id, &run.agent, &end).await?;
    Ok(last)
}

/// Locks the lease of the run that started it, which what is left goes back to: before its own, as everybody does.
pub(super) async fn lock_parent(tx: &mut TenantTx<'_>, id: RunId) -> Result<(), PgError> {
    let parent = run_find(tx, id).await?.and_then(|run| run.parent_id);
    match parent {
        Some(parent) => lease_lock(tx, parent).await.map(drop),
        None => Ok(()),
    }
}

/// Gives what it did not take back to the run that started it.
async fn give_back(tx: &mut TenantTx<'_>, id: RunId) -> Result<(), PgError> {
    let Some(row) = run_find(tx, id).await? else { return Ok(()) };
    let Some(parent) = row.parent_id else { return Ok(()) };
    let budget = row.budget.and_then(|budget| serde_json::from_value(budget).ok()).unwrap_or_default();
    let took = call_takes(tx, id).await?;
    settle(tx, parent, budget, took).await
}

/// The end of a run that was stopped: what is known of it is kept, but there is no answer.
fn of_cancelled(end: RunEnd) -> RunEnd {
    RunEnd {
        state: RunState::Cancelled.as_str(),
        failure_code: None,
        degraded: true,
        answer: None,
        chair: None,
        disagreement: None,
        ..end
    }
}

/// The end of a run that was stopped before anything is known of it.
pub(super) fn cancelled(now: DateTime<Utc>) -> RunEnd {
    of_cancelled(interrupted(now))
}

/// The end of a run that nobody could carry to its end.
pub(super) fn interrupted(now: DateTime<Utc>) -> RunEnd {
    RunEnd {
        state: RunState::Failed.as_str(),
        failure_code: Some(codes::council::INTERRUPTED.code),
        answered: 0,
        reviewed: 0,
        degraded: true,
        answer: None,
        chair: None,
        disagreement: None,
        vote: None,
        kendalls_w: None,
        effective_votes: None,
        input_tokens: 0,
        output_tokens: 0,
        tokens_estimated: false,
        cost_micros: 0,
        chair_input_tokens: 0,
        chair_output_tokens: 0,
        chair_cost_micros: 0,
        answers_ms: 0,
        critique_ms: 0,
        synthesis_ms: 0,
        total_ms: 0,
        finished_at: now,
    }
}

fn end(run: Deliberation, now: DateTime<Utc>) -> RunEnd {
    let broke = run.seats.iter().any(|seat| seat.reason.as_deref() == Some(EXHAUSTED));
    let without_quorum =
        if broke { &codes::council::BUDGET_EXHAUSTED } else { &codes::council::QUORUM_NOT_MET };
    let known = RunEnd {
        answered: small(run.answered()),
        reviewed: small(run.reviewed()),
        degraded: run.is_degraded(),
        vote: run.vote.map(|tally| json!(tally)),
        kendalls_w: run.agreement.kendalls_w,
        effective_votes: Some(run.agreement.effective_votes),
        answers_ms: millis(run.timings.answers),
        critique_ms: millis(run.timings.critique),
        synthesis_ms: millis(run.timings.synthesis),
        total_ms: millis(run.timings.total),
        ..interrupted(now)
    };
    match run.verdict {
        Verdict::Interrupted => known,
        Verdict::NoQuorum => RunEnd { failure_code: Some(without_quorum.code), ..known },
        Verdict::Answer { text, chair, disagreement } => RunEnd {
            state: RunState::Succeeded.as_str(),
            failure_code: None,
            answer: Some(text),
            disagreement: Some(json!(disagreement)),
            chair,
            ..known
        },
    }
}

fn member(
    workspace_id: WorkspaceId,
    run_id: RunId,
    at: usize,
    seat: &Seat,
    place: Option<&Place>,
) -> MemberRow {
    let interval = place.and_then(|place| place.interval);
    MemberRow {
        workspace_id,
        run_id,
        seat: small(at + 1),
        model: seat.model.clone(),
        answered_by: seat.answered_by.clone(),
        state: seat.state.as_str().to_owned(),
        reason: seat.reason.clone(),
        answer: seat.text.clone(),
        choice: seat.choice.clone(),
        input_tokens: tokens(seat.answer.usage.input_tokens),
        output_tokens: tokens(seat.answer.usage.output_tokens),
        cost_micros: seat.answer.cost_micros,
        answer_ms: millis(seat.answer.elapsed),
        review_state: seat.review_state.as_str().to_owned(),
        review_reason: seat.review_reason.clone(),
        review_input_tokens: tokens(seat.review.usage.input_tokens),
        review_output_tokens: tokens(seat.review.usage.output_tokens),
        review_cost_micros: seat.review.cost_micros,
        review_ms: millis(seat.review.elapsed),
        rank: place.map(|place| small(place.rank)),
        tied: place.is_some_and(|place| place.tied),
        score: place.map(|place| place.score),
        score_low: interval.map(|(low, _)| low),
        score_high: interval.map(|(_, high)| high),
    }
}

fn review(workspace_id: WorkspaceId, run_id: RunId, review: &Review, criteria: &[&str]) -> ReviewRow {
    let scores = criteria.iter().zip(&review.scores).map(|(name, score)| ((*name).to_owned(), json!(score)));
    ReviewRow {
        workspace_id,
        run_id,
        reviewer_seat: small(review.reviewer + 1),
        answer_seat: small(review.answer + 1),
        position: small(review.position + 1),
        label: review.label.clone(),
        is_self: review.reviewer == review.answer,
        scores: Value::Object(scores.collect()),
        critique: review.critique.clone(),
    }
}

fn small(count: usize) -> i16 {
    i16::try_from(count).unwrap_or(i16::MAX)
}

fn tokens(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn millis(time: Duration) -> i32 {
    i32::try_from(time.as_millis()).unwrap_or(i32::MAX)
}
