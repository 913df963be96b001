//! What a deliberation comes to.

use std::time::Duration;

use witan_llm::Usage;

use super::agreement::Agreement;
use super::mode::Mode;
use super::ranking::Place;
use super::state::{ReviewState, SeatState};
use super::synthesis::Disagreement;
use super::vote::Tally;

/// Everything that a run leaves behind.
#[derive(Debug, Clone)]
pub struct Deliberation {
    /// How they were to come to an answer.
    pub mode: Mode,
    /// What each member did, in the order of the seats.
    pub seats: Vec<Seat>,
    /// Every rating of every reviewer.
    pub reviews: Vec<Review>,
    /// The places of answers, best first; `answer` is an index of `seats`.
    pub places: Vec<Place>,
    /// How far the reviewers agree.
    pub agreement: Agreement,
    /// How a vote ended; none where there was none.
    pub vote: Option<Tally>,
    /// What came out.
    pub verdict: Verdict,
    /// What the chairs took.
    pub synthesis: Spent,
    /// How long each stage took.
    pub timings: Timings,
    /// How many answers were needed.
    pub required: usize,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// An answer.
    Answer {
        /// The text.
        text: String,
        /// The model that wrote it as the chair; without one it is the top answer as it was given.
        chair: Option<String>,
        /// Where the answers agree and where not; empty without a chair.
        disagreement: Disagreement,
    },
    /// Too few members answered.
    NoQuorum,
    /// It was told to stop.
    Interrupted,
}

/// What a member did.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The model that has the seat.
    pub model: String,
    /// The model that answered, if one did.
    pub answered_by: Option<String>,
    /// How it fared.
    pub state: SeatState,
    /// Why nobody answered, or why it was the fallback, as a word.
    pub reason: Option<String>,
    /// The answer as it was given; empty if there is none.
    pub text: String,
    /// The same without what its writer says about itself: as reviewers and chair may see it.
    pub anonymous: String,
    /// What it votes for, if it was to vote.
    pub choice: Option<String>,
    /// What the answer took.
    pub answer: Spent,
    /// How its review fared.
    pub review_state: ReviewState,
    /// Why it abstained, as a word.
    pub review_reason: Option<String>,
    /// What the review took, a second try included.
    pub review: Spent,
}

impl Seat {
    /// Whether there is an answer.
    pub fn has_answer(&self) -> bool {
        self.state != SeatState::Missing
    }
}

/// What one reviewer thinks of one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// The reviewer's seat.
    pub reviewer: usize,
    /// The answer's seat.
    pub answer: usize,
    /// At which place the reviewer read it, from 0 on.
    pub position: usize,
    /// Under which label.
    pub label: String,
    /// A score for each criterion.
    pub scores: Vec<i64>,
    /// What is good and what is wrong with it.
    pub critique: String,
}

/// What calls to models took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spent {
    /// Tokens.
    pub usage: Usage,
    /// Money, in millionths of the currency.
    pub cost_micros: i64,
    /// Time, waiting for failed tries included.
    pub elapsed: Duration,
}

impl Spent {
    /// Adds another call that followed this one.
    pub fn and(self, other: Self) -> Self {
        Self {
            usage: self.usage + other.usage,
            cost_micros: self.cost_micros.saturating_add(other.cost_micros),
            elapsed: self.elapsed + other.elapsed,
        }
    }
}

/// How long each stage took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Timings {
    /// Until the last answer.
    pub answers: Duration,
    /// Until the last review.
    pub critique: Duration,
    /// Until the chair had written.
    pub synthesis: Duration,
    /// All of it.
    pub total: Duration,
}

impl Deliberation {
    /// How many members were asked.
    pub fn asked(&self) -> usize {
        self.seats.len()
    }

    /// How many answered, fallbacks included.
    pub fn answered(&self) -> usize {
        self.seats.iter().filter(|seat| seat.has_answer()).count()
    }

    /// How many reviews could be used.
    pub fn reviewed(&self) -> usize {
        self.seats.iter().filter(|seat| seat.review_state == ReviewState::Reviewed).count()
    }

    /// Whether this is less than what was asked for: an answer is missing or, where answers are reviewed and merged, a
    /// review is or no chair wrote.
    pub fn is_degraded(&self) -> bool {
        let Verdict::Answer { chair, .. } = &self.verdict else { return true };
        let reviewed = || self.reviewed() == self.asked() && chair.is_some();
        self.answered() < self.asked() || (self.mode.is_reviewed() && !reviewed())
    }

    /// What all calls together took; its time is that of all models, not of the clock.
    pub fn spent(&self) -> Spent {
        self.seats.iter().fold(self.synthesis, |sum, seat| sum.and(seat.answer).and(seat.review))
    }
}
