//! How far a run's reviewers can be relied on, from its rows.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::borda::borda;
use crate::domain::position::{PositionBias, position_bias};
use crate::domain::sheet::Sheet;
use crate::domain::state::ReviewState;
use crate::store::members::MemberRow;
use crate::store::reviews::ReviewRow;
use crate::store::runs::RunRow;

/// The reason of an abstention whose review came and could not be read.
const UNREADABLE: &str = "unreadable";

/// How far the reviewers agree.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Agreement {
    /// Kendall's coefficient of concordance, 0 (chance) to 1 (the same order from everybody); null with fewer than two
    /// reviews that tell answers apart.
    kendalls_w: Option<f64>,
    /// As how many independent votes the reviews count at least: models that judge alike are worth one, however many
    /// they are.
    effective_votes: Option<f64>,
    /// What it was worth to be read first. Orders are balanced, so that it favours no answer.
    position_bias: Option<PositionBias>,
    /// Of the reviews that came, the share that could be read; null where none came.
    parse_rate: Option<f64>,
    /// Whether counting ranks instead of points (Borda) puts the same answer first; null where nothing was ranked.
    borda_agrees: Option<bool>,
}

/// The Borda share of each seat, and how far the reviewers agree.
pub(super) fn agreement(
    run: &RunRow,
    members: &[MemberRow],
    reviews: &[ReviewRow],
) -> (Vec<Option<f64>>, Agreement) {
    let seats = members.len();
    let cells: Vec<_> = reviews.iter().filter_map(|review| cell(review, seats)).collect();
    let mut sheet = Sheet::new(seats, seats);
    cells.iter().for_each(|&(reviewer, answer, _, score)| sheet.set(reviewer, answer, score));
    let shares = borda(&sheet);
    let agreement = Agreement {
        kendalls_w: run.kendalls_w,
        effective_votes: run.effective_votes,
        position_bias: position_bias(&cells),
        parse_rate: parse_rate(members),
        borda_agrees: borda_agrees(members, &shares),
    };
    (shares, agreement)
}

fn cell(review: &ReviewRow, seats: usize) -> Option<(usize, usize, usize, f64)> {
    let at = |number: i16| usize::try_from(number).ok()?.checked_sub(1);
    let (reviewer, answer) = (at(review.reviewer_seat)?, at(review.answer_seat)?);
    let scores: Vec<f64> =
        review.scores.as_object()?.values().filter_map(serde_json::Value::as_f64).collect();
    let mean = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
    (reviewer < seats && answer < seats).then_some((reviewer, answer, at(review.position)?, mean))
}

fn parse_rate(members: &[MemberRow]) -> Option<f64> {
    let of = |state: ReviewState| members.iter().filter(move |member| member.review_state == state.as_str());
    let read = of(ReviewState::Reviewed).count();
    let unreadable = of(ReviewState::Abstained)
        .filter(|member| member.review_reason.as_deref() == Some(UNREADABLE))
        .count();
    (read + unreadable > 0).then(|| read as f64 / (read + unreadable) as f64)
}

/// Whether one of those with the most comparisons won is the first, or shares the first place.
fn borda_agrees(members: &[MemberRow], shares: &[Option<f64>]) -> Option<bool> {
    let most = shares.iter().flatten().copied().reduce(f64::max)?;
    let first = members.iter().zip(shares).filter(|(member, _)| member.rank == Some(1));
    let mut first = first.peekable();
    first.peek()?;
    Some(first.any(|(_, share)| share.is_some_and(|share| most - share < 1e-9)))
}
