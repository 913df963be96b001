//! How far the reviewers agree, said without flattery.

use super::sheet::Sheet;

/// How far the reviewers agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Kendall's coefficient of concordance, with ties corrected: 0 is chance, 1 is the same order from everybody.
    /// None where fewer than two reviewers told answers apart.
    pub kendalls_w: Option<f64>,
    /// As how many independent votes the reviews count if their agreement came from shared habits alone: Kish's
    /// design effect from the mean correlation between reviewers. Models that judge alike are worth one vote,
    /// however many they are.
    pub effective_votes: f64,
}

/// The agreement of those who scored every answer. Who gave everything the same has no vote.
pub fn agreement(sheet: &Sheet) -> Agreement {
    let rows: Vec<Vec<f64>> = (0..sheet.reviewers()).filter_map(|r| sheet.whole_row(r)).collect();
    let telling: Vec<Vec<f64>> =
        rows.into_iter().filter(|row| row.iter().any(|score| *score != row[0])).collect();
    Agreement { kendalls_w: kendalls_w(&telling), effective_votes: effective_votes(&telling) }
}

fn kendalls_w(rows: &[Vec<f64>]) -> Option<f64> {
    let judges = rows.len() as f64;
    let items = rows.first()?.len();
    if rows.len() < 2 {
        return None;
    }
    let ranked: Vec<(Vec<f64>, f64)> = rows.iter().map(|row| ranks(row)).collect();
    let sum_of_squares: f64 =
        (0..items).map(|item| ranked.iter().map(|(ranks, _)| ranks[item]).sum::<f64>().powi(2)).sum();
    let ties: f64 = ranked.iter().map(|(_, ties)| ties).sum();
    let n = items as f64;
    let above = 12.0 * sum_of_squares - 3.0 * judges.powi(2) * n * (n + 1.0).powi(2);
    let below = judges.powi(2) * n * (n.powi(2) - 1.0) - judges * ties;
    (below > 0.0).then(|| (above / below).clamp(0.0, 1.0))
}

/// The ranks of scores, equal ones sharing their mean, and the sum of t³ - t over groups of equal ones.
fn ranks(scores: &[f64]) -> (Vec<f64>, f64) {
    let below = |score: f64| scores.iter().filter(|other| **other < score).count() as f64;
    let equal = |score: f64| scores.iter().filter(|other| **other == score).count() as f64;
    let ranks = scores.iter().map(|&score| below(score) + (equal(score) + 1.0) / 2.0).collect();
    // Each of a group's t members adds t² - 1, which makes t³ - t for the group.
    let ties = scores.iter().map(|&score| equal(score).powi(2) - 1.0).sum();
    (ranks, ties)
}

fn effective_votes(rows: &[Vec<f64>]) -> f64 {
    let votes = rows.len();
    if votes < 2 {
        return votes as f64;
    }
    let pairs = (0..votes).flat_map(|a| (a + 1..votes).map(move |b| (a, b)));
    let correlations: Vec<f64> = pairs.map(|(a, b)| correlation(&rows[a], &rows[b])).collect();
    let mean = correlations.iter().sum::<f64>() / correlations.len() as f64;
    votes as f64 / (1.0 + (votes as f64 - 1.0) * mean.max(0.0))
}

/// Pearson's; neither row is constant.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |row: &[f64]| row.iter().sum::<f64>() / row.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let product: f64 = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).sum();
    let spread = |row: &[f64], mean: f64| row.iter().map(|x| (x - mean).powi(2)).sum::<f64>().sqrt();
    product / (spread(a, ma) * spread(b, mb))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(rows: &[&[f64]]) -> Agreement {
        let mut sheet = Sheet::new(rows.len(), rows[0].len());
        for (r, row) in rows.iter().enumerate() {
            row.iter().enumerate().for_each(|(a, score)| sheet.set(r, a, *score));
        }
        agreement(&sheet)
    }

    #[test]
    fn the_same_opinion_thrice_is_one_vote() {
        let same = of(&[&[9.0, 5.0, 1.0], &[8.0, 4.0, 0.0], &[7.0, 5.0, 3.0]]);
        assert_eq!(same.kendalls_w, Some(1.0));
        assert!((same.effective_votes - 1.0).abs() < 1e-9);
    }

    #[test]
    fn opposite_opinions_do_not_agree() {
        let opposite = of(&[&[9.0, 5.0, 1.0], &[1.0, 5.0, 9.0]]);
        assert_eq!(opposite, Agreement { kendalls_w: Some(0.0), effective_votes: 2.0 });
    }

    #[test]
    fn who_tells_nothing_apart_has_no_vote() {
        let one = of(&[&[9.0, 5.0, 1.0], &[7.0, 7.0, 7.0]]);
        assert_eq!(one, Agreement { kendalls_w: None, effective_votes: 1.0 });
        assert_eq!(agreement(&Sheet::new(3, 3)), Agreement { kendalls_w: None, effective_votes: 0.0 });
    }

    #[test]
    fn ties_are_corrected_for() {
        // Worked by hand: rank sums 7, 8 and 3 of three judges, two of whom have a pair of equals.
        let tied = of(&[&[5.0, 5.0, 1.0], &[6.0, 6.0, 2.0], &[7.0, 8.0, 3.0]]);
        let w = tied.kendalls_w.unwrap();
        let (above, below) =
            (12.0 * (49.0 + 64.0 + 9.0) - 3.0 * 9.0 * 3.0 * 16.0, 9.0 * 3.0 * 8.0 - 3.0 * 12.0);
        assert!((w - above / below).abs() < 1e-9, "{w}");
    }

    proptest! {
        #[test]
        fn it_stays_in_its_bounds(scores in prop::collection::vec(1..=10_u8, 20)) {
            let mut sheet = Sheet::new(5, 4);
            for (at, score) in scores.iter().enumerate() {
                sheet.set(at / 4, at % 4, f64::from(*score));
            }
            let agreement = agreement(&sheet);
            prop_assert!(agreement.kendalls_w.is_none_or(|w| (0.0..=1.0).contains(&w)));
            prop_assert!((0.0..=5.0).contains(&agreement.effective_votes));
        }
    }
}
