use futures_util::future::join_all;
use tokio::time::Instant;
use witan_llm::fence::Fence;

use super::Panel;
use super::calls::Calls;
use crate::domain::anonymise::anonymise;
use crate::domain::call::{CallKey, Called, Reply};
use crate::domain::outcome::{Seat, Spent};
use crate::domain::prompt::{self, Question};
use crate::domain::state::{ReviewState, SeatState};

/// The share of a seat's time that its model has when somebody else could still answer after it.
const FIRST_TRY: f64 = 0.6;

impl Panel {
    /// Every seat's answer: all at once, none knowing of the others.
    pub(super) async fn answers(&self, question: &Question<'_>, calls: &Calls) -> Vec<Seat> {
        let members = self.config.members.iter().enumerate();
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
        let whole = self.config.answer_timeout;
        let fallback = self.models.get(model).and_then(|model| model.fallback.clone());
        let first = if fallback.is_some() { whole.mul_f64(FIRST_TRY) } else { whole };
        let request = prompt::answer(question, model, &Fence::random(&self.clock));
        let Called { outcome, spent } = calls.ask(key, &request, now + first).await;
        let error = match usable(outcome) {
            Ok(text) => return answered(model, model, None, text, spent),
            Err(reason) => reason,
        };
        tracing::warn!(model, reason = %error, "a member gave no answer");
        let Some(fallback) = fallback.filter(|_| !calls.is_cancelled()) else {
            return missing(model, &error, spent);
        };
        let request = request.to_model(&fallback);
        let Called { outcome, spent: more } = calls.ask(key.fallback(), &request, now + whole).await;
        match usable(outcome) {
            Ok(text) => answered(model, &fallback, Some(&error), text, spent.and(more)),
            Err(reason) => {
                tracing::warn!(model, fallback, %reason, "nor did its fallback");
                missing(model, &error, spent.and(more))
            }
        }
    }
}

fn usable(answer: Result<Reply, String>) -> Result<String, String> {
    let text = answer?.text.trim().to_owned();
    if text.is_empty() { Err("empty".to_owned()) } else { Ok(text) }
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
