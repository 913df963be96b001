//! Does it help? Synthetic reviewers with known failings judge answers of known quality, many times over.
//!
//! A toy: it says how the arithmetic behaves under bias of these kinds, nothing about real models.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::order;
use super::sheet::Sheet;

const TRIALS: usize = 6_000;

/// What is wrong with the reviewers.
#[derive(Clone, Copy)]
struct Bias {
    /// Points more for what is read first, falling to none for the last.
    position: f64,
    /// Points more for the own answer.
    own: f64,
}

/// How often the truly best of four answers wins.
fn best_wins(bias: Bias, balanced: bool) -> f64 {
    let mut rng = StdRng::seed_from_u64(20_261_120);
    let won = (0..TRIALS).filter(|_| trial(4, bias, balanced, &mut rng)).count();
    won as f64 / TRIALS as f64
}

fn trial(n: usize, bias: Bias, balanced: bool, rng: &mut StdRng) -> bool {
    let quality: Vec<f64> = (0..n).map(|_| normal(rng)).collect();
    let fixed: Vec<Vec<usize>> = vec![(0..n).collect(); n];
    let orders = if balanced { order::balanced(n, rng) } else { fixed };
    let mut sheet = Sheet::new(n, n);
    for (reviewer, order) in orders.iter().enumerate() {
        let scale = rng.random_range(0.5..1.6);
        let lenient = rng.random_range(-1.5..1.5);
        for (place, &answer) in order.iter().enumerate() {
            let first = bias.position * (1.0 - place as f64 / (n - 1) as f64);
            let own = if answer == reviewer { bias.own } else { 0.0 };
            let seen = quality[answer] + 0.8 * normal(rng) + first + own;
            sheet.set(reviewer, answer, (5.5 + lenient + scale * seen).round().clamp(1.0, 10.0));
        }
    }
    let fit = sheet.fit().unwrap();
    let by_score = |a: &usize, b: &usize| fit.score(*a).unwrap().total_cmp(&fit.score(*b).unwrap());
    let by_quality = |a: &usize, b: &usize| quality[*a].total_cmp(&quality[*b]);
    (0..n).max_by(by_score) == (0..n).max_by(by_quality)
}

/// Box and Muller's.
fn normal(rng: &mut StdRng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

#[test]
fn balanced_order_wins_under_position_bias() {
    for (position, own, gain) in [(0.8, 0.0, 0.01), (0.8, 1.5, 0.01), (1.5, 1.5, 0.07)] {
        let bias = Bias { position, own };
        let (balanced, fixed) = (best_wins(bias, true), best_wins(bias, false));
        assert!(balanced > fixed + gain, "position {position}, own {own}: {balanced} against {fixed}");
    }
}

#[test]
fn balanced_order_costs_nothing_without_bias() {
    let bias = Bias { position: 0.0, own: 0.0 };
    let (balanced, fixed) = (best_wins(bias, true), best_wins(bias, false));
    assert!((balanced - fixed).abs() < 0.03, "{balanced} against {fixed}");
}
