//! A deliberation as rows.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::codes;

use super::admit::Asked;
use crate::app::App;
use crate::domain::outcome::{Deliberation, Review, Seat, Verdict};
use crate::domain::ranking::Place;
use crate::domain::state::RunState;
use crate::events;
use crate::store::leases::lease_delete;
use crate::store::members::{MemberRow, member_insert_all};
use crate::store::reviews::{ReviewRow, review_insert_all};
use crate::store::runs::{RunEnd, run_end};

/// Everything that the end of a run writes.
pub(super) struct Record {
    workspace_id: WorkspaceId,
    id: RunId,
    agent: String,
    pub(super) end: RunEnd,
    members: Vec<MemberRow>,
    reviews: Vec<ReviewRow>,
}

impl Record {
    pub(super) fn of(id: RunId, asked: &Asked, run: Deliberation, now: DateTime<Utc>) -> Self {
        let workspace_id = asked.workspace_id;
        let member = |(at, seat): (usize, &Seat)| {
            let place = run.places.iter().find(|place| place.answer == at);
            member(workspace_id, id, at, seat, place)
        };
        let names = asked.sitting.criteria_names();
        let review = |review: &Review| self::review(workspace_id, id, review, &names);
        Self {
            workspace_id,
            id,
            agent: asked.agent.clone(),
            members: run.seats.iter().enumerate().map(member).collect(),
            reviews: run.reviews.iter().map(review).collect(),
            end: end(run, now),
        }
    }
}

/// Writes the end of a run and tells of it, in one transaction.
///
/// # Errors
/// [`PgError::NotFound`] when somebody else ended the run.
pub(super) async fn store(app: &App, record: &Record) -> Result<(), PgError> {
    let write = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> {
        // First, as the sweeper does: whoever locks in another order may wait for the other for ever.
        if !lease_delete(tx, record.id).await? {
            return Err(PgError::NotFound);
        }
        run_end(tx, record.id, &record.end).await?;
        member_insert_all(tx, &record.members).await?;
        review_insert_all(tx, &record.reviews).await?;
        events::run_ended(tx, &app.clock, record.id, &record.agent, &record.end).await
    };
    app.pg.tenant("run.end", record.workspace_id, write).await
}

/// The end of a run whose process died: nothing of what it did is known.
pub(crate) fn interrupted(now: DateTime<Utc>) -> RunEnd {
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
    let spent = run.spent();
    let known = RunEnd {
        answered: small(run.answered()),
        reviewed: small(run.reviewed()),
        degraded: run.is_degraded(),
        vote: run.vote.map(|tally| json!(tally)),
        kendalls_w: run.agreement.kendalls_w,
        effective_votes: Some(run.agreement.effective_votes),
        input_tokens: tokens(spent.usage.input_tokens),
        output_tokens: tokens(spent.usage.output_tokens),
        tokens_estimated: spent.usage.estimated,
        cost_micros: spent.cost_micros,
        chair_input_tokens: tokens(run.synthesis.usage.input_tokens),
        chair_output_tokens: tokens(run.synthesis.usage.output_tokens),
        chair_cost_micros: run.synthesis.cost_micros,
        answers_ms: millis(run.timings.answers),
        critique_ms: millis(run.timings.critique),
        synthesis_ms: millis(run.timings.synthesis),
        total_ms: millis(run.timings.total),
        ..interrupted(now)
    };
    match run.verdict {
        Verdict::Interrupted => known,
        Verdict::NoQuorum => RunEnd { failure_code: Some(codes::council::QUORUM_NOT_MET.code), ..known },
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
