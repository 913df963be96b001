//! Three ways of asking reviewers and of counting what they say. Each tells how much of the win it earns.

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use witan_council::domain::order;
use witan_council::domain::sheet::Sheet;

use super::reviewers::Question;

/// The council's: orders that form a Latin square, whole points for every answer, the additive fit.
pub(super) fn additive_fit(question: &Question, rng: &mut StdRng) -> f64 {
    let n = question.quality.len();
    let mut sheet = Sheet::new(n, n);
    for (at, (reviewer, order)) in question.reviewers.iter().zip(order::balanced(n, rng)).enumerate() {
        for (answer, seen) in question.seen(reviewer, &order).into_iter().enumerate() {
            sheet.set(at, answer, reviewer.points(seen));
        }
    }
    let Some(fit) = sheet.fit() else { return 0.0 };
    let scores: Vec<f64> = (0..n).map(|answer| fit.score(answer).unwrap_or(f64::NEG_INFINITY)).collect();
    question.credit(&scores)
}

/// Everybody ranks all answers in the order in which they came, and the mean rank counts.
pub(super) fn mean_rank(question: &Question) -> f64 {
    let n = question.quality.len();
    let fixed: Vec<usize> = (0..n).collect();
    let mut sums = vec![0.0; n];
    for reviewer in &question.reviewers {
        let seen = question.seen(reviewer, &fixed);
        sums.iter_mut().zip(beaten(&seen, |_| true)).for_each(|(sum, beaten)| *sum += beaten);
    }
    question.credit(&sums)
}

/// Everybody ranks the others' answers in one order that was shuffled once, and the share of those beaten counts.
pub(super) fn borda(question: &Question, rng: &mut StdRng) -> f64 {
    let n = question.quality.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(rng);
    let mut sums = vec![0.0; n];
    for reviewer in &question.reviewers {
        let others: Vec<usize> = order.iter().copied().filter(|answer| *answer != reviewer.own()).collect();
        let seen = question.seen(reviewer, &others);
        let beaten = beaten(&seen, |answer| answer != reviewer.own());
        for &answer in &others {
            sums[answer] += beaten[answer];
        }
    }
    question.credit(&sums)
}

/// How many of those that count each answer beats. Whoever ranks knows no equals.
fn beaten(seen: &[f64], counts: impl Fn(usize) -> bool) -> Vec<f64> {
    let beats = |own: f64| {
        let others = seen.iter().enumerate().filter(|(answer, _)| counts(*answer));
        others.filter(|(_, other)| **other < own).count() as f64
    };
    seen.iter().map(|own| beats(*own)).collect()
}
