//! Which way of asking and counting finds the truly best answer most often, when reviewers have failings that are known.
//!
//! A toy: synthetic reviewers judge answers whose quality is known. It says how an arithmetic bears bias of these kinds,
//! nothing about real models.

mod reviewers;
mod rules;

use self::reviewers::{Bias, Question};
use crate::table;

/// How many questions each line takes.
const TRIALS: usize = 10_000;
const SEED: u64 = 20_261_121;
/// Of the normal distribution, for 95 of 100 cases.
const Z: f64 = 1.959_964;

const CASES: &[(usize, Bias)] = &[
    (4, Bias { position: 0.0, own: 0.0 }),
    (4, Bias { position: 0.0, own: 1.5 }),
    (4, Bias { position: 0.8, own: 0.0 }),
    (4, Bias { position: 0.8, own: 1.5 }),
    (4, Bias { position: 1.5, own: 1.5 }),
    (3, Bias { position: 0.0, own: 0.0 }),
    (3, Bias { position: 1.5, own: 1.5 }),
    (6, Bias { position: 0.0, own: 0.0 }),
    (6, Bias { position: 1.5, own: 1.5 }),
];

/// What came of all trials of a case: how often each rule found the best, and by how much the first is ahead.
struct Outcome {
    won: [f64; 3],
    ahead: [Ahead; 2],
}

/// By how much the first rule is ahead of another one, on the same questions.
#[derive(Debug, Clone, Copy)]
struct Ahead {
    mean: f64,
    low: f64,
    high: f64,
}

/// Prints the table.
pub(crate) fn measure() {
    let rows: Vec<Vec<String>> = CASES.iter().map(|case| row(*case)).collect();
    let head = [
        "reviewers",
        "first place, own answer",
        "balanced orders, additive fit",
        "one order for all, mean rank",
        "one shuffle, Borda without the own",
        "ahead of mean rank",
        "ahead of Borda",
    ];
    let title = format!(
        "How often the best answer wins, in {TRIALS} questions (synthetic reviewers; noise 0.8, scale 0.5 to 1.6, \
         leniency up to 1.5; in brackets, what 95 of 100 repetitions would give)"
    );
    table::print(&title, &head, &rows);
}

fn row((reviewers, bias): (usize, Bias)) -> Vec<String> {
    let Outcome { won, ahead } = play(reviewers, bias);
    let share = |won: f64| {
        let (low, high) = wilson(won);
        format!("{:.1} % ({:.1} to {:.1})", won * 100.0, low * 100.0, high * 100.0)
    };
    let points = |ahead: Ahead| {
        format!("{:+.1} ({:+.1} to {:+.1})", ahead.mean * 100.0, ahead.low * 100.0, ahead.high * 100.0)
    };
    let named = [reviewers.to_string(), format!("+{} sd, +{} sd", bias.position, bias.own)];
    named.into_iter().chain(won.map(share)).chain(ahead.map(points)).collect()
}

/// The same questions for every rule, so that luck is shared and only the rule differs.
fn play(reviewers: usize, bias: Bias) -> Outcome {
    let mut rng = reviewers::seeded(SEED);
    let (mut won, mut ahead) = ([0.0; 3], [(0.0, 0.0); 2]);
    for _ in 0..TRIALS {
        let question = Question::draw(reviewers, bias, &mut rng);
        let credits = [
            rules::additive_fit(&question, &mut rng),
            rules::mean_rank(&question),
            rules::borda(&question, &mut rng),
        ];
        won.iter_mut().zip(credits).for_each(|(won, credit)| *won += credit);
        for ((sum, squares), theirs) in ahead.iter_mut().zip(&credits[1..]) {
            let difference = credits[0] - theirs;
            *sum += difference;
            *squares += difference * difference;
        }
    }
    let trials = TRIALS as f64;
    Outcome {
        won: won.map(|won| won / trials),
        ahead: ahead.map(|(sum, squares)| {
            let mean = sum / trials;
            let width = Z * ((squares / trials - mean * mean) / trials).sqrt();
            Ahead { mean, low: mean - width, high: mean + width }
        }),
    }
}

/// Wilson's interval of a share of the trials.
fn wilson(share: f64) -> (f64, f64) {
    let (n, z) = (TRIALS as f64, Z * Z);
    let centre = (share + z / (2.0 * n)) / (1.0 + z / n);
    let width = Z / (1.0 + z / n) * (share * (1.0 - share) / n + z / (4.0 * n * n)).sqrt();
    (centre - width, centre + width)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is no worse is not behind on average, and by this at most at the lower end of the interval.
    const MARGIN: f64 = -0.01;

    #[test]
    fn under_position_bias_it_is_five_points_better_and_without_bias_no_worse() {
        let mut failures = Vec::new();
        for &(reviewers, bias) in CASES {
            let least = if bias.position > 0.0 { 0.05 } else { MARGIN };
            let ahead = play(reviewers, bias).ahead;
            if ahead.iter().any(|ahead| ahead.low < least || ahead.mean < 0.0) {
                failures.push(format!("{reviewers} reviewers, {bias:?}: {ahead:?}"));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn the_same_seed_gives_the_same_table() {
        assert_eq!(row(CASES[3]), row(CASES[3]));
    }
}
