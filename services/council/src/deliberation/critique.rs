use futures_util::future::join_all;
use rand::rngs::StdRng;
use tokio::time::Instant;
use witan_llm::fence::Fence;

use super::Panel;
use super::calls::Calls;
use crate::domain::call::{CallKey, Called};
use crate::domain::order;
use crate::domain::outcome::{Review, Seat, Spent};
use crate::domain::prompt::{self, Labelled, Question};
use crate::domain::review::{self, Rating};
use crate::domain::state::ReviewState;

/// An answer as reviewers and chair may see it, and whose it is.
pub(super) struct Anonymous {
    pub(super) seat: usize,
    pub(super) text: String,
}

/// The answers that there are.
pub(super) fn anonymous(seats: &[Seat]) -> Vec<Anonymous> {
    let there = seats.iter().enumerate().filter(|(_, seat)| seat.has_answer());
    there.map(|(seat, answer)| Anonymous { seat, text: answer.anonymous.clone() }).collect()
}

/// What one reviewer reads: answers by index, in order, each under a label.
struct Ballot {
    order: Vec<usize>,
    labels: Vec<String>,
}

type Outcome = (Result<Vec<Rating>, String>, Spent);

impl Panel {
    /// Every member that answered scores every answer, its own included and unmarked.
    pub(super) async fn critique(
        &self,
        question: &Question<'_>,
        seats: &mut [Seat],
        rng: &mut StdRng,
        calls: &Calls,
    ) -> Vec<Review> {
        let answers = anonymous(seats);
        if answers.len() < 2 {
            return Vec::new();
        }
        let orders = order::balanced(answers.len(), rng);
        let ballots: Vec<Ballot> = orders
            .into_iter()
            .map(|order| Ballot { labels: order::labels(order.len(), rng), order })
            .collect();
        let asked = answers.iter().zip(&ballots).map(|(own, ballot)| {
            let model = seats[own.seat].answered_by.clone().unwrap_or_default();
            self.review(question, &answers, ballot, (own.seat, model), calls)
        });
        let outcomes = join_all(asked.collect::<Vec<_>>()).await;
        let mut reviews = Vec::new();
        for ((own, ballot), (ratings, spent)) in answers.iter().zip(&ballots).zip(outcomes) {
            let seat = &mut seats[own.seat];
            seat.review = spent;
            match ratings {
                Ok(ratings) => {
                    seat.review_state = ReviewState::Reviewed;
                    reviews.extend(filed(own.seat, &answers, ballot, ratings));
                }
                Err(reason) => {
                    (seat.review_state, seat.review_reason) = (ReviewState::Abstained, Some(reason));
                }
            }
        }
        reviews
    }

    /// One review; mended once if it is not as asked, then given up.
    async fn review(
        &self,
        question: &Question<'_>,
        answers: &[Anonymous],
        ballot: &Ballot,
        (seat, model): (usize, String),
        calls: &Calls,
    ) -> Outcome {
        let deadline = Instant::now() + question.sitting.limits.critique;
        let Ballot { order, labels } = ballot;
        let labelled: Vec<Labelled<'_>> = order
            .iter()
            .zip(labels)
            .map(|(&at, label)| Labelled { label, text: &answers[at].text })
            .collect();
        let criteria = question.sitting.criteria_names();
        let mut request = prompt::critique(question, &labelled, &model, &Fence::random(&self.clock));
        let mut spent = Spent::default();
        let first = CallKey::critique(seat);
        for (key, last) in [(first, false), (first.repair(), true)] {
            let Called { outcome, spent: more } = calls.ask(key, &request, deadline).await;
            spent = spent.and(more);
            let text = match outcome {
                Ok(reply) => reply.text,
                Err(reason) => return (Err(reason), spent),
            };
            match review::parse(&text, labels, &criteria) {
                Ok(ratings) => return (Ok(ratings), spent),
                Err(error) if last => tracing::warn!(model, %error, "a reviewer abstains"),
                Err(error) => request = prompt::repair(request, &text, &error.to_string()),
            }
        }
        (Err("unreadable".to_owned()), spent)
    }
}

fn filed<'a>(
    reviewer: usize,
    answers: &'a [Anonymous],
    ballot: &'a Ballot,
    ratings: Vec<Rating>,
) -> impl Iterator<Item = Review> + 'a {
    ratings.into_iter().zip(&ballot.order).enumerate().map(move |(position, (rating, &at))| Review {
        reviewer,
        answer: answers[at].seat,
        position,
        label: rating.label,
        scores: rating.scores,
        critique: rating.critique,
    })
}
