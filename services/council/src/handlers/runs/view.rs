//! A run as the API shows it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::{AgentSessionId, ProjectId, RunId, StartupId, UserId};
use witan_llm::Price;

use super::agreement::{Agreement, agreement};
use crate::domain::budget::RunBudget;
use crate::domain::mode::Mode;
use crate::domain::state::{ReviewState, RunState, SeatState};
use crate::domain::synthesis::Disagreement;
use crate::domain::vote::Tally;
use crate::domain::window::Read;
use crate::runs::failure;
use crate::store::members::MemberRow;
use crate::store::reviews::ReviewRow;
use crate::store::runs::RunRow;

/// A question to the council and what came of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    id: RunId,
    #[schema(example = "finance")]
    agent: String,
    /// Of an agent of the workspace's own, the version that was asked.
    agent_version: Option<i32>,
    mode: Mode,
    pub(crate) state: RunState,
    prompt: String,
    startup_id: Option<StartupId>,
    /// The project that it belongs to, if any.
    project_id: Option<ProjectId>,
    /// The session that it was asked in, if any.
    session_id: Option<AgentSessionId>,
    /// How much of the session the models were told.
    session_read: Option<Read>,
    /// The chair's synthesis or, where no chair could write one, the top answer as it was given. Of a vote, what most
    /// gave; where several share the first place, a line for each.
    answer: Option<String>,
    /// Whether a chair wrote the answer.
    synthesised: bool,
    /// The model that wrote it.
    chair: Option<String>,
    /// Why there is no answer.
    pub(crate) failure: Option<Failure>,
    quorum: Quorum,
    /// Whether this is less than what was asked for: an answer is missing or, where answers are reviewed and merged, a
    /// review is or no chair wrote.
    degraded: bool,
    members: Vec<Member>,
    /// The answers that were scored, best first.
    ranking: Vec<Ranked>,
    agreement: Agreement,
    /// Where the answers agree and where not; empty where no chair wrote.
    disagreement: Disagreement,
    /// How a vote ended; null where there was none.
    vote: Option<Tally>,
    /// What each reviewer thought of each answer.
    reviews: Vec<Review>,
    /// What all models took together.
    usage: Usage,
    /// What the chairs took.
    chair_usage: Usage,
    /// Whether some provider did not say how many tokens it took.
    tokens_estimated: bool,
    /// What it was allowed to take; null where nobody said.
    budget: Option<RunBudget>,
    timings: Timings,
    /// The run that started this one and paid for it, if one did.
    parent_run_id: Option<RunId>,
    /// The trace of the request that asked.
    trace_id: Option<String>,
    /// Who asked.
    created_by: UserId,
    pub(crate) created_at: DateTime<Utc>,
    /// When a process began to work on it.
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

/// Why a run has no answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Failure {
    #[schema(example = "council.quorum_not_met")]
    pub(crate) code: &'static str,
    /// For a person.
    pub(crate) title: &'static str,
}

/// Who took part.
#[derive(Serialize, ToSchema)]
pub(crate) struct Quorum {
    /// How many members there are.
    asked: i16,
    /// How many of them had to answer.
    required: i16,
    /// How many answered, fallbacks included.
    answered: i16,
    /// How many reviews could be used.
    reviewed: i16,
}

/// What a member did.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    /// Its seat, from 1 on.
    seat: i16,
    #[schema(example = "sim/alpha")]
    model: String,
    /// The model that answered in the seat.
    answered_by: Option<String>,
    state: SeatState,
    /// Why the model did not answer, such as `timeout`.
    reason: Option<String>,
    answer: Option<String>,
    /// What it votes for; its answer says why. Null where there is no vote.
    choice: Option<String>,
    review: ReviewState,
    /// Why its review could not be used, such as `unreadable`.
    review_reason: Option<String>,
    answer_ms: i32,
    review_ms: i32,
    /// What answer and review took together.
    usage: Usage,
}

/// The place of an answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ranked {
    /// From 1 on; answers that cannot be told apart share one.
    rank: i16,
    /// Whether it shares its rank.
    tied: bool,
    /// Whose answer.
    seat: i16,
    #[schema(example = "sim/alpha")]
    model: String,
    /// What an average reviewer would give it, 1 to 10.
    score: f64,
    /// Where the score lies in 90 of 100 cases; null with too few reviews to tell.
    interval: Option<Interval>,
    /// The second opinion: the share of comparisons with other answers that it wins, counting ranks and not points.
    borda: Option<f64>,
}

/// From where to where.
#[derive(Serialize, ToSchema)]
pub(crate) struct Interval {
    low: f64,
    high: f64,
}

/// What a reviewer thought of an answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Review {
    /// The reviewer.
    reviewer_seat: i16,
    /// Whose answer.
    answer_seat: i16,
    /// Where the reviewer read it, from 1 on.
    position: i16,
    /// Whether it was the reviewer's own, which the reviewer was not told.
    is_self: bool,
    /// Points for each criterion, 1 to 10.
    #[schema(example = json!({"accuracy": 7, "usefulness": 8}))]
    scores: BTreeMap<String, i64>,
    critique: String,
}

/// What models took.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Usage {
    /// Tokens read.
    input_tokens: i64,
    /// Tokens written.
    output_tokens: i64,
    cost: Money,
}

/// An amount of money.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Money {
    /// In millionths of the currency.
    #[schema(example = 5400)]
    amount_micros: i64,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: &'static str,
}

/// How long each stage took, by the clock.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Timings {
    answers_ms: i32,
    critique_ms: i32,
    synthesis_ms: i32,
    total_ms: i32,
}

impl Run {
    pub(crate) fn of(run: RunRow, members: Vec<MemberRow>, reviews: Vec<ReviewRow>) -> Self {
        let (borda, agreement) = agreement(&run, &members, &reviews);
        let vote = run.vote.clone().and_then(|stored| serde_json::from_value(stored).ok());
        let disagreement = run.disagreement.clone().and_then(|stored| serde_json::from_value(stored).ok());
        Self {
            ranking: ranking(&members, &borda),
            members: members.into_iter().map(Member::from).collect(),
            reviews: reviews.into_iter().map(Review::from).collect(),
            quorum: Quorum {
                asked: run.asked,
                required: run.required,
                answered: run.answered,
                reviewed: run.reviewed,
            },
            agreement,
            disagreement: disagreement.unwrap_or_default(),
            vote,
            usage: Usage::of(run.input_tokens, run.output_tokens, run.cost_micros),
            chair_usage: Usage::of(run.chair_input_tokens, run.chair_output_tokens, run.chair_cost_micros),
            tokens_estimated: run.tokens_estimated,
            parent_run_id: run.parent_id,
            budget: run.budget.and_then(|budget| serde_json::from_value(budget).ok()),
            timings: Timings {
                answers_ms: run.answers_ms,
                critique_ms: run.critique_ms,
                synthesis_ms: run.synthesis_ms,
                total_ms: run.total_ms,
            },
            id: run.id,
            agent: run.agent,
            agent_version: run.agent_version,
            mode: Mode::from_column(&run.mode).unwrap_or(Mode::Council),
            state: RunState::from_column(&run.state).unwrap_or(RunState::Failed),
            prompt: run.prompt,
            startup_id: run.startup_id,
            project_id: run.project_id,
            session_id: run.session_id,
            session_read: run.session_read.and_then(|stored| serde_json::from_value(stored).ok()),
            answer: run.answer,
            synthesised: run.chair.is_some(),
            chair: run.chair,
            failure: run.failure_code.as_deref().map(Failure::of),
            degraded: run.degraded,
            trace_id: run.trace_id,
            created_by: run.user_id,
            created_at: run.created_at,
            started_at: run.started_at,
            finished_at: run.finished_at,
        }
    }

    /// What the run is, for whoever asked on a user's behalf.
    pub(crate) fn into_answer(self) -> Option<witan_clients::CouncilAnswer> {
        let answer = self.answer?;
        Some(witan_clients::CouncilAnswer { id: self.id, answer, degraded: self.degraded })
    }
}

fn ranking(members: &[MemberRow], borda: &[Option<f64>]) -> Vec<Ranked> {
    let places = members.iter().zip(borda);
    let mut ranking: Vec<Ranked> = places.filter_map(|(member, borda)| ranked(member, *borda)).collect();
    ranking.sort_by(|a, b| b.score.total_cmp(&a.score));
    ranking
}

fn ranked(member: &MemberRow, borda: Option<f64>) -> Option<Ranked> {
    let interval = member.score_low.zip(member.score_high);
    Some(Ranked {
        rank: member.rank?,
        tied: member.tied,
        seat: member.seat,
        model: member.answered_by.clone().unwrap_or_else(|| member.model.clone()),
        score: rounded(member.score?),
        interval: interval.map(|(low, high)| Interval { low: rounded(low), high: rounded(high) }),
        borda: borda.map(rounded),
    })
}

/// More digits would pretend to a precision that nobody has.
fn rounded(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            seat: row.seat,
            state: SeatState::from_column(&row.state).unwrap_or(SeatState::Missing),
            answer: row.answered_by.is_some().then_some(row.answer),
            choice: row.choice,
            model: row.model,
            answered_by: row.answered_by,
            reason: row.reason,
            review: ReviewState::from_column(&row.review_state).unwrap_or(ReviewState::NotAsked),
            review_reason: row.review_reason,
            answer_ms: row.answer_ms,
            review_ms: row.review_ms,
            usage: Usage::of(
                row.input_tokens + row.review_input_tokens,
                row.output_tokens + row.review_output_tokens,
                row.cost_micros + row.review_cost_micros,
            ),
        }
    }
}

impl From<ReviewRow> for Review {
    fn from(row: ReviewRow) -> Self {
        Self {
            reviewer_seat: row.reviewer_seat,
            answer_seat: row.answer_seat,
            position: row.position,
            is_self: row.is_self,
            scores: serde_json::from_value(row.scores).unwrap_or_default(),
            critique: row.critique,
        }
    }
}

impl Usage {
    fn of(input_tokens: i64, output_tokens: i64, cost_micros: i64) -> Self {
        Self { input_tokens, output_tokens, cost: Money::dollars(cost_micros) }
    }
}

impl Money {
    pub(crate) fn dollars(amount_micros: i64) -> Self {
        Self { amount_micros, currency: Price::CURRENCY }
    }
}

impl Failure {
    pub(crate) fn of(code: &str) -> Self {
        let known = failure(code);
        Self { code: known.code, title: known.title }
    }
}
