use futures_util::future::join_all;
use tokio::time::Instant;
use witan_llm::fence::Fence;
use witan_llm::{CancellationToken, Completion, LlmError};

use super::Panel;
use crate::domain::anonymise::anonymise;
use crate::domain::outcome::{Seat, Spent};
use crate::domain::prompt::{self, Question};
use crate::domain::state::{ReviewState, SeatState};

/// The share of a seat's time that its model has when somebody else could still answer after it.
const FIRST_TRY: f64 = 0.6;

impl Panel {
    /// Every seat's answer: all at once, none knowing of the others.
    pub(super) async fn answers(&self, question: &Question<'_>, cancel: &CancellationToken) -> Vec<Seat> {
        join_all(self.config.members.iter().map(|model| self.seat(question, model, cancel))).await
    }

    /// The answer of one seat, anonymised while slower seats are waited for.
    async fn seat(&self, question: &Question<'_>, model: &str, cancel: &CancellationToken) -> Seat {
        let mut seat = self.answer(question, model, cancel).await;
        let models = self.models.list().iter();
        let names: Vec<&str> = models.flat_map(|model| [model.id.as_str(), model.name.as_str()]).collect();
        seat.anonymous = anonymise(&seat.text, &names);
        seat
    }

    /// By its model or else by that one's fallback, within the seat's time.
    async fn answer(&self, question: &Question<'_>, model: &str, cancel: &CancellationToken) -> Seat {
        let now = Instant::now();
        let whole = self.config.answer_timeout;
        let fallback = self.models.get(model).and_then(|model| model.fallback.clone());
        let first = if fallback.is_some() { whole.mul_f64(FIRST_TRY) } else { whole };
        let request = prompt::answer(question, model, &Fence::random(&self.clock));
        let (answer, spent) = self.ask(&request, now + first, cancel).await;
        let error = match usable(answer) {
            Ok(text) => return answered(model, model, None, text, spent),
            Err(reason) => reason,
        };
        tracing::warn!(model, reason = error, "a member gave no answer");
        let Some(fallback) = fallback.filter(|_| !cancel.is_cancelled()) else {
            return missing(model, error, spent);
        };
        let (answer, more) = self.ask(&request.to_model(&fallback), now + whole, cancel).await;
        match usable(answer) {
            Ok(text) => answered(model, &fallback, Some(error), text, spent.and(more)),
            Err(reason) => {
                tracing::warn!(model, fallback, reason, "nor did its fallback");
                missing(model, error, spent.and(more))
            }
        }
    }
}

fn usable(answer: Result<Completion, LlmError>) -> Result<String, &'static str> {
    let text = answer.map_err(|error| error.kind())?.text.trim().to_owned();
    if text.is_empty() { Err("empty") } else { Ok(text) }
}

fn answered(model: &str, by: &str, reason: Option<&str>, text: String, spent: Spent) -> Seat {
    let state = if reason.is_some() { SeatState::AnsweredByFallback } else { SeatState::Answered };
    Seat {
        model: model.to_owned(),
        answered_by: Some(by.to_owned()),
        state,
        reason: reason.map(str::to_owned),
        text,
        anonymous: String::new(),
        answer: spent,
        review_state: ReviewState::NotAsked,
        review_reason: None,
        review: Spent::default(),
    }
}

fn missing(model: &str, reason: &str, spent: Spent) -> Seat {
    let seat = answered(model, model, Some(reason), String::new(), spent);
    Seat { answered_by: None, state: SeatState::Missing, ..seat }
}
