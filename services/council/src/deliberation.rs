//! The protocol: answers, critique, aggregation, synthesis. Knows models and time; stores nothing.
//!
//! Everything runs in the caller's task: dropping the future gives every call up, and the token of the calls ends it in
//! order. Models are asked through [`Calls`] alone.

mod answers;
pub mod calls;
mod chair;
mod critique;
mod estimate;
pub mod progress;
pub mod purse;
mod summary;

use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::time::Instant;
use tracing::Instrument as _;
use witan_clock::Clock;
use witan_llm::{CancellationToken, Models};

use self::calls::Calls;
use self::progress::Step;
use crate::domain::agreement;
use crate::domain::anonymise;
use crate::domain::call::CallStage;
use crate::domain::mode::Mode;
use crate::domain::outcome::{Deliberation, Seat, Spent, Timings, Verdict};
use crate::domain::prompt::Question;
use crate::domain::ranking;
use crate::domain::sheet::Sheet;
use crate::domain::synthesis::Disagreement;
use crate::domain::vote;

/// Whoever may be asked, and how to reach them. Cheap to clone.
#[derive(Clone)]
pub struct Panel {
    models: Models,
    clock: Clock,
}

impl Panel {
    /// Of these models.
    pub fn new(models: Models, clock: Clock) -> Self {
        anonymise::prepare();
        Self { models, clock }
    }

    /// Calls of a run that has just begun; everything that it decides by chance follows from `seed`.
    pub fn calls(&self, seed: [u8; 32], cancel: &CancellationToken) -> Calls {
        Calls::new(self.models.clone(), seed, cancel.clone())
    }

    /// The models that can be asked.
    pub fn models(&self) -> &Models {
        &self.models
    }

    /// Deliberates on a question, as its sitting says. Always comes to an end, at the latest after the deadlines of the
    /// three stages.
    pub async fn deliberate(&self, question: &Question<'_>, calls: &Calls) -> Deliberation {
        let began = Instant::now();
        let mut timings = Timings::default();
        calls.note(Step::Stage(CallStage::Answer));
        let seats = staged("council.answers", &mut timings.answers, self.answers(question, calls)).await;
        let mut run = Deliberation {
            mode: question.sitting.mode,
            seats,
            reviews: Vec::new(),
            places: Vec::new(),
            agreement: agreement::agreement(&Sheet::new(0, 0)),
            vote: None,
            verdict: Verdict::NoQuorum,
            synthesis: Spent::default(),
            timings,
            required: question.sitting.quorum,
        };
        if run.answered() >= run.required.max(1) {
            match run.mode {
                Mode::Single => run.verdict = as_given(top_answer(&run)),
                Mode::Vote => count(&mut run),
                Mode::SelfEnsemble | Mode::Council => self.conclude(question, &mut run, calls).await,
            }
        }
        if calls.is_cancelled() {
            run.verdict = Verdict::Interrupted;
        }
        run.timings.total = began.elapsed();
        run
    }

    async fn conclude(&self, question: &Question<'_>, run: &mut Deliberation, calls: &Calls) {
        let mut rng = calls.rng();
        let mut took = Duration::ZERO;
        calls.note(Step::Stage(CallStage::Critique));
        let critique = self.critique(question, &mut run.seats, &mut rng, calls);
        run.reviews = staged("council.critique", &mut took, critique).await;
        run.timings.critique = took;
        let sheet = sheet(run);
        let fit = sheet.fit();
        let scores: Vec<_> =
            (0..sheet.answers()).map(|at| fit.as_ref().and_then(|fit| fit.score(at))).collect();
        calls.note(Step::Scores(scores.clone()));
        calls.note(Step::Stage(CallStage::Chair));
        let mut of_chair = StdRng::from_rng(&mut rng);
        let chair = self.chair(question, run, &scores, &mut of_chair, calls);
        // How sure the scores are is worked out while the chair thinks.
        let places = async { ranking::places(&sheet, &mut rng) };
        let ((written, spent), places) =
            staged("council.synthesis", &mut took, async { tokio::join!(chair, places) }).await;
        run.places = places;
        run.agreement = agreement::agreement(&sheet);
        (run.timings.synthesis, run.synthesis) = (took, spent);
        run.verdict = match written {
            Some((chair, synthesis)) => Verdict::Answer {
                text: synthesis.answer,
                chair: Some(chair),
                disagreement: synthesis.disagreement,
            },
            None => as_given(top_answer(run)),
        };
    }
}

async fn staged<T>(name: &'static str, took: &mut Duration, stage: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let span = tracing::info_span!("council.stage", otel.name = name);
    let result = stage.instrument(span).await;
    *took = began.elapsed();
    result
}

/// The mean scores by seat; rows and columns of seats without review or answer stay empty.
fn sheet(run: &Deliberation) -> Sheet {
    let mut sheet = Sheet::new(run.seats.len(), run.seats.len());
    for review in &run.reviews {
        let mean = review.scores.iter().sum::<i64>() as f64 / review.scores.len().max(1) as f64;
        sheet.set(review.reviewer, review.answer, mean);
    }
    sheet
}

/// The vote's end: what most gave.
fn count(run: &mut Deliberation) {
    let seats = (1_u8..).zip(&run.seats);
    let tally = vote::tally(seats.filter_map(|(seat, member)| Some((seat, member.choice.as_deref()?))));
    run.verdict = as_given(tally.answer());
    run.vote = Some(tally);
}

/// An answer that no chair wrote.
fn as_given(text: String) -> Verdict {
    Verdict::Answer { text, chair: None, disagreement: Disagreement::default() }
}

/// The best answer, or where nobody scored the first one.
fn top_answer(run: &Deliberation) -> String {
    let best = run.places.first().map(|place| &run.seats[place.answer]);
    let seat: Option<&Seat> = best.or_else(|| run.seats.iter().find(|seat| seat.has_answer()));
    seat.map(|seat| seat.text.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
