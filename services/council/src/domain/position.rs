//! What the place at which an answer was read was worth, whatever the answer says.

use serde::Serialize;
use utoipa::ToSchema;

use super::sheet::Sheet;

/// One reading: reviewer, answer, at which place, and how many points it got.
pub type Reading = (usize, usize, usize, f64);

/// What the first place is worth over the last one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct PositionBias {
    /// Points more for what is read first than for what is read last; below zero where the last is favoured.
    pub points: f64,
    /// Where that lies in 90 of 100 cases, lower end first; null with too few reviews to tell.
    pub interval: Option<[f64; 2]>,
}

/// Least squares of score = mean + leniency + quality + slope × place, over the fit that the ranking uses.
///
/// Balanced orders keep such a bias from favouring an answer; how large it is says how far single scores can be
/// trusted. None where nobody read two answers.
pub fn position_bias(readings: &[Reading]) -> Option<PositionBias> {
    let count = |index: fn(&Reading) -> usize| readings.iter().map(index).max().map_or(0, |most| most + 1);
    let (reviewers, answers) = (count(|r| r.0), count(|r| r.1));
    let last = readings.iter().map(|reading| reading.2).max().filter(|last| *last > 0)? as f64;
    let (mut scores, mut places) = (Sheet::new(reviewers, answers), Sheet::new(reviewers, answers));
    for &(reviewer, answer, place, score) in readings {
        scores.set(reviewer, answer, score);
        places.set(reviewer, answer, place as f64);
    }
    // What reviewers and answers do not explain of either; the slope between the two is that of the whole model.
    let (scores, places) = (left_over(&scores)?, left_over(&places)?);
    let spread: f64 = places.iter().map(|place| place * place).sum();
    if spread < 1e-9 {
        return None;
    }
    let slope = scores.iter().zip(&places).map(|(score, place)| score * place).sum::<f64>() / spread;
    let points = -slope * last;
    let known = |index: fn(&Reading) -> usize| {
        readings.iter().map(index).collect::<std::collections::BTreeSet<_>>().len()
    };
    let fitted = known(|r| r.0) + known(|r| r.1);
    let free = readings.len().checked_sub(fitted).filter(|free| *free > 0);
    let interval = free.map(|free| {
        let rest: f64 =
            scores.iter().zip(&places).map(|(score, place)| (score - slope * place).powi(2)).sum();
        let width = quantile(free) * (rest / free as f64 / spread).sqrt() * last;
        [points - width, points + width]
    });
    Some(PositionBias { points, interval })
}

fn left_over(sheet: &Sheet) -> Option<Vec<f64>> {
    let fit = sheet.fit()?;
    Some(sheet.filled().map(|(r, a, value)| value - fit.expected(r, a)).collect())
}

/// The 95 % quantile of Student's t, which bounds the middle 90 %.
fn quantile(free: usize) -> f64 {
    const FEW: [f64; 8] = [6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860];
    let many = 1.6449 + 1.5238 / free as f64 + 1.42 / (free * free) as f64;
    FEW.get(free - 1).copied().unwrap_or(many)
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::*;
    use crate::domain::order;

    /// Reviewers who give `bias` points to the first place, falling to none for the last.
    fn readings(n: usize, bias: f64, noise: f64, rng: &mut StdRng) -> Vec<Reading> {
        let orders = order::balanced(n, rng);
        let mut readings = Vec::new();
        for (reviewer, order) in orders.iter().enumerate() {
            for (place, &answer) in order.iter().enumerate() {
                let first = bias * (1.0 - place as f64 / (n - 1) as f64);
                let noise = noise * rng.random_range(-1.0..1.0);
                readings.push((
                    reviewer,
                    answer,
                    place,
                    4.0 + answer as f64 / 2.0 + reviewer as f64 + first + noise,
                ));
            }
        }
        readings
    }

    #[test]
    fn a_bias_without_noise_is_found_exactly() {
        for n in 2..=9 {
            let mut rng = StdRng::seed_from_u64(n as u64);
            for bias in [-1.0, 0.0, 2.5] {
                let found = position_bias(&readings(n, bias, 0.0, &mut rng)).unwrap();
                assert!((found.points - bias).abs() < 1e-6, "{n} {bias} {found:?}");
            }
        }
    }

    #[test]
    fn it_is_found_although_a_reviewer_abstains() {
        let mut rng = StdRng::seed_from_u64(3);
        let mut readings = readings(4, 1.5, 0.0, &mut rng);
        readings.retain(|reading| reading.0 != 2);
        assert!((position_bias(&readings).unwrap().points - 1.5).abs() < 1e-6);
    }

    #[test]
    fn the_interval_holds_the_bias_nine_times_in_ten() {
        let mut rng = StdRng::seed_from_u64(1);
        let held = (0..2_000).filter(|_| {
            let [low, high] = position_bias(&readings(4, 1.0, 1.5, &mut rng)).unwrap().interval.unwrap();
            low <= 1.0 && 1.0 <= high
        });
        let share = held.count() as f64 / 2_000.0;
        assert!((0.87..0.93).contains(&share), "{share}");
    }

    #[test]
    fn too_little_says_nothing() {
        assert_eq!(position_bias(&[]), None);
        assert_eq!(position_bias(&[(0, 0, 0, 7.0), (1, 0, 0, 5.0)]), None);
        let mut rng = StdRng::seed_from_u64(1);
        assert_eq!(position_bias(&readings(2, 1.0, 0.0, &mut rng)).unwrap().interval, None);
    }
}
