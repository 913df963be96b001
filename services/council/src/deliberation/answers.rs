use futures_util::future::join_all;
use tokio::time::Instant;
use witan_llm::ChatRequest;
use witan_llm::fence::Fence;

use super::Panel;
use super::calls::Calls;
use crate::domain::anonymise::anonymise;
use crate::domain::call::{CallKey, Called, Reply};
use crate::domain::mode::Mode;
use crate::domain::outcome::{Seat, Spent};
use crate::domain::prompt::{self, Question};
use crate::domain::state::{ReviewState, SeatState};
use crate::domain::vote;

/// The share of a seat's time that its model has when somebody else could still answer after it.
const FIRST_TRY: f64 = 0.6;

/// An answer as it was given, and what it votes for if it was to vote.
struct Given {
    text: String,
    choice: Option<String>,
}

impl Panel {
    /// Every seat's answer: all at once, none knowing of the others.
    pub(super) async fn answers(&self, question: &Question<'_>, calls: &Calls) -> Vec<Seat> {
        let members = question.sitting.members.iter().enumerate();
        join_all(members.map(|(at, model)| self.seat(question, at, model, calls))).await
    }

    /// The answer of one seat, anonymised while slower seats are waited for.
    async fn seat(&self, question: &Question<'_>, at: usize, model: &str, calls: &Calls) -> Seat {
        let mut seat = self.answer(question, CallKey::answer(at), model, calls).await;
        let models = self.models.list().iter();
        let names: Vec<&str> = models.flat_map(|model| [model.id.as_str(), model.name.as_str()]).collect();
        seat.anonymous = anonymise(&seat.text, &names);
        seat
    }

    /// By its model or else by that one's fallback, within the seat's time.
    async fn answer(&self, question: &Question<'_>, key: CallKey, model: &str, calls: &Calls) -> Seat {
        let now = Instant::now();
        let whole = question.sitting.limits.answers;
        let fallback = self.models.get(model).and_then(|model| model.fallback.clone());
        let first = if fallback.is_some() { whole.mul_f64(FIRST_TRY) } else { whole };
        let request = prompt::answer(question, model, &Fence::random(&self.clock));
        let (answer, spent) = give(question, key, request.clone(), now + first, calls).await;
        let error = match answer {
            Ok(given) => return answered(model, model, None, given, spent),
            Err(reason) => reason,
        };
        tracing::warn!(model, reason = %error, "a member gave no answer");
        let Some(fallback) = fallback.filter(|_| !calls.is_cancelled()) else {
            return missing(model, &error, spent);
        };
        let request = request.to_model(&fallback);
        let (answer, more) = give(question, key.fallback(), request, now + whole, calls).await;
        match answer {
            Ok(given) => answered(model, &fallback, Some(&error), given, spent.and(more)),
            Err(reason) => {
                tracing::warn!(model, fallback, %reason, "nor did its fallback");
                missing(model, &error, spent.and(more))
            }
        }
    }
}

/// One model's answer; a vote is mended once if it is not as asked.
async fn give(
    question: &Question<'_>,
    first: CallKey,
    mut request: ChatRequest,
    deadline: Instant,
    calls: &Calls,
) -> (Result<Given, String>, Spent) {
    let sitting = question.sitting;
    let mut spent = Spent::default();
    for (key, last) in [(first, false), (first.repair(), true)] {
        let Called { outcome, spent: more } = calls.ask(key, &request, deadline).await;
        spent = spent.and(more);
        let text = match usable(outcome) {
            Ok(text) => text,
            Err(reason) => return (Err(reason), spent),
        };
        if sitting.mode != Mode::Vote {
            return (Ok(Given { text, choice: None }), spent);
        }
        match vote::parse(&text, &sitting.options) {
            Ok(ballot) => return (Ok(Given { text: ballot.reason, choice: Some(ballot.answer) }), spent),
            Err(why) if last => tracing::warn!(model = request.model, why, "a vote could not be read"),
            Err(why) => request = prompt::repair(request, &text, &why),
        }
    }
    (Err("unreadable".to_owned()), spent)
}

fn usable(answer: Result<Reply, String>) -> Result<String, String> {
    let text = answer?.text.trim().to_owned();
    if text.is_empty() { Err("empty".to_owned()) } else { Ok(text) }
}

fn answered(model: &str, by: &str, reason: Option<&str>, given: Given, spent: Spent) -> Seat {
    let Given { text, choice } = given;
    let state = if reason.is_some() { SeatState::AnsweredByFallback } else { SeatState::Answered };
    Seat {
        model: model.to_owned(),
        answered_by: Some(by.to_owned()),
        state,
        reason: reason.map(str::to_owned),
        text,
        anonymous: String::new(),
        choice,
        answer: spent,
        review_state: ReviewState::NotAsked,
        review_reason: None,
        review: Spent::default(),
    }
}

fn missing(model: &str, reason: &str, spent: Spent) -> Seat {
    let nothing = Given { text: String::new(), choice: None };
    let seat = answered(model, model, Some(reason), nothing, spent);
    Seat { answered_by: None, state: SeatState::Missing, ..seat }
}
