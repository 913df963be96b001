//! From scores to places: how sure they are, and who cannot be told apart.

use std::cmp::Ordering;

use rand::Rng;

use super::sheet::{Fit, Sheet};

/// How many times the residuals are drawn again.
const DRAWS: usize = 400;
/// Of draws, that fall outside of the interval at each end: 90 % are inside.
const TAIL: f64 = 0.05;

/// The place of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Which answer.
    pub answer: usize,
    /// From 1 on; answers that cannot be told apart share one.
    pub rank: usize,
    /// Whether it shares its rank.
    pub tied: bool,
    /// What an average reviewer would give it.
    pub score: f64,
    /// Where the score lies in 90 of 100 cases; none where there were too few scores to tell.
    pub interval: Option<(f64, f64)>,
}

/// The places of all answers that were scored, best first.
///
/// Two answers are tied when their intervals overlap with that of the best of their rank. The same seed gives the same
/// intervals.
pub fn places(sheet: &Sheet, rng: &mut impl Rng) -> Vec<Place> {
    let Some(fit) = sheet.fit() else { return Vec::new() };
    let intervals = intervals(sheet, &fit, rng);
    let scored = (0..sheet.answers()).filter_map(|answer| Some((answer, fit.score(answer)?)));
    let mut places: Vec<Place> = scored
        .map(|(answer, score)| {
            let interval = intervals.as_ref().map(|intervals| intervals[answer]);
            Place { answer, rank: 0, tied: false, score, interval }
        })
        .collect();
    places.sort_by(|a, b| b.score.partial_cmp(&a.score).unwrap_or(Ordering::Equal));
    share_ranks(&mut places);
    places
}

fn share_ranks(places: &mut [Place]) {
    let mut first = 0;
    for at in 0..places.len() {
        if !overlap(&places[first], &places[at]) {
            first = at;
        }
        places[at].rank = first + 1;
        if at > first {
            places[first].tied = true;
            places[at].tied = true;
        }
    }
}

/// Whether the better one's interval reaches down to the worse one's.
fn overlap(better: &Place, worse: &Place) -> bool {
    match (better.interval, worse.interval) {
        (Some((low, _)), Some((_, high))) => low <= high,
        _ => better.score <= worse.score,
    }
}

/// Intervals by bootstrap: what the fit leaves over is drawn again and added to the fit, many times over. None where
/// the fit leaves no freedom to be wrong in.
fn intervals(sheet: &Sheet, fit: &Fit, rng: &mut impl Rng) -> Option<Vec<(f64, f64)>> {
    let cells: Vec<_> = sheet.filled().collect();
    let fitted = fit.quality.iter().flatten().count() + fit.leniency.iter().flatten().count() - 1;
    let free = cells.len().checked_sub(fitted).filter(|free| *free > 0)?;
    // The fit takes part of the noise for effects; what is left over is too small by this much.
    let widen = (cells.len() as f64 / free as f64).sqrt();
    let left_over: Vec<f64> =
        cells.iter().map(|&(r, a, score)| (score - fit.expected(r, a)) * widen).collect();
    let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(DRAWS); sheet.answers()];
    let mut again = sheet.clone();
    for _ in 0..DRAWS {
        for &(r, a, _) in &cells {
            again.set(r, a, fit.expected(r, a) + left_over[rng.random_range(0..left_over.len())]);
        }
        let refit = again.fit()?;
        for (answer, scores) in drawn.iter_mut().enumerate() {
            scores.extend(refit.score(answer));
        }
    }
    Some(drawn.into_iter().map(middle).collect())
}

fn middle(mut scores: Vec<f64>) -> (f64, f64) {
    scores.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    let at = |share: f64| scores.get((share * (scores.len().saturating_sub(1)) as f64).round() as usize);
    (at(TAIL).copied().unwrap_or(f64::NAN), at(1.0 - TAIL).copied().unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn sheet(rows: &[&[f64]]) -> Sheet {
        let mut sheet = Sheet::new(rows.len(), rows[0].len());
        for (r, row) in rows.iter().enumerate() {
            for (a, score) in row.iter().enumerate().filter(|(_, score)| !score.is_nan()) {
                sheet.set(r, a, *score);
            }
        }
        sheet
    }

    fn ranked(rows: &[&[f64]]) -> Vec<Place> {
        places(&sheet(rows), &mut StdRng::seed_from_u64(1))
    }

    #[test]
    fn clear_scores_give_clear_places() {
        let places = ranked(&[&[9.0, 6.0, 2.0], &[8.0, 5.0, 2.0], &[9.0, 5.0, 1.0]]);
        let order: Vec<_> = places.iter().map(|place| (place.answer, place.rank, place.tied)).collect();
        assert_eq!(order, [(0, 1, false), (1, 2, false), (2, 3, false)]);
    }

    #[test]
    fn what_cannot_be_told_apart_is_tied() {
        let places = ranked(&[&[7.0, 8.0, 2.0], &[8.0, 6.0, 1.0], &[7.0, 8.0, 3.0], &[8.0, 7.0, 1.0]]);
        assert_eq!(places.iter().map(|place| place.rank).collect::<Vec<_>>(), [1, 1, 3]);
        assert_eq!(places.iter().map(|place| place.tied).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn one_reviewer_gives_places_without_certainty() {
        let places = ranked(&[&[7.0, 7.0, 2.0]]);
        assert!(places.iter().all(|place| place.interval.is_none()));
        assert_eq!(places.iter().map(|place| place.rank).collect::<Vec<_>>(), [1, 1, 3]);
    }

    #[test]
    fn nobody_scored_means_no_places() {
        assert_eq!(places(&Sheet::new(3, 3), &mut StdRng::seed_from_u64(1)), []);
    }

    #[test]
    fn the_same_seed_gives_the_same_intervals() {
        let rows: [&[f64]; 3] = [&[7.0, 8.0, f64::NAN], &[8.0, 6.0, 1.0], &[7.0, 8.0, 3.0]];
        assert_eq!(ranked(&rows), ranked(&rows));
    }

    proptest! {
        #[test]
        fn intervals_hold_their_scores_and_ranks_never_descend(
            scores in prop::collection::vec(1..=10_u8, 16), seed: u64,
        ) {
            let mut sheet = Sheet::new(4, 4);
            for (at, score) in scores.iter().enumerate() {
                sheet.set(at / 4, at % 4, f64::from(*score));
            }
            let places = places(&sheet, &mut StdRng::seed_from_u64(seed));
            prop_assert_eq!(places.len(), 4);
            prop_assert!(places.is_sorted_by_key(|place| place.rank));
            prop_assert!(places.is_sorted_by(|a, b| a.score >= b.score));
            for place in places {
                let (low, high) = place.interval.unwrap();
                // Drawn scores scatter around the fitted one; a little slack for skew.
                prop_assert!(low <= place.score + 0.5 && high >= place.score - 0.5);
            }
        }
    }
}
