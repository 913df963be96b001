//! Reviewers with known failings.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const NOISE: f64 = 0.8;

/// What is wrong with the reviewers, in standard deviations of quality.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bias {
    /// More for what is read first, falling to none for the last.
    pub(super) position: f64,
    /// More for the own answer.
    pub(super) own: f64,
}

/// A question with as many answers as reviewers, each of whom wrote one.
pub(super) struct Question {
    /// How good each answer is.
    pub(super) quality: Vec<f64>,
    /// Each reviewer.
    pub(super) reviewers: Vec<Reviewer>,
    bias: Bias,
}

pub(super) struct Reviewer {
    number: usize,
    /// How good each answer seems, but for where it stands.
    impressions: Vec<f64>,
    scale: f64,
    leniency: f64,
}

impl Question {
    pub(super) fn draw(n: usize, bias: Bias, rng: &mut StdRng) -> Self {
        let quality: Vec<f64> = (0..n).map(|_| normal(rng)).collect();
        let reviewers = (0..n).map(|number| {
            let seems = |(answer, quality): (usize, &f64)| {
                let own = if answer == number { bias.own } else { 0.0 };
                quality + NOISE * normal(rng) + own
            };
            let impressions = quality.iter().enumerate().map(seems).collect();
            let (scale, leniency) = (rng.random_range(0.5..1.6), rng.random_range(-1.5..1.5));
            Reviewer { number, impressions, scale, leniency }
        });
        let reviewers = reviewers.collect();
        Self { quality, reviewers, bias }
    }

    /// What is found the best wins: 1 if it is, a share where several are found equal.
    pub(super) fn credit(&self, found: &[f64]) -> f64 {
        let most = found.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let first: Vec<usize> = (0..found.len()).filter(|answer| most - found[*answer] < 1e-9).collect();
        let best = (0..found.len()).max_by(|a, b| self.quality[*a].total_cmp(&self.quality[*b]));
        if best.is_some_and(|best| first.contains(&best)) { 1.0 / first.len() as f64 } else { 0.0 }
    }

    /// How good each answer seems to a reviewer who reads them in this order.
    pub(super) fn seen(&self, reviewer: &Reviewer, order: &[usize]) -> Vec<f64> {
        let mut seen = reviewer.impressions.clone();
        for (place, &answer) in order.iter().enumerate() {
            seen[answer] += self.bias.position * (1.0 - place as f64 / (order.len() - 1) as f64);
        }
        seen
    }
}

impl Reviewer {
    /// Which answer it wrote.
    pub(super) fn own(&self) -> usize {
        self.number
    }

    /// The whole points from 1 to 10 that it gives for what it has seen.
    pub(super) fn points(&self, seen: f64) -> f64 {
        (5.5 + self.leniency + self.scale * seen).round().clamp(1.0, 10.0)
    }
}

pub(super) fn seeded(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Box and Muller's.
fn normal(rng: &mut StdRng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
