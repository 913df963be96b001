//! The second opinion: ranks instead of points. Where it puts another answer first, the ranking hangs on how strongly
//! few reviewers felt.

use super::sheet::Sheet;

/// Of each answer, the share of the comparisons that it wins, over all reviewers and the other answers that they scored;
/// equal points win half. None for an answer that nobody compared.
pub fn borda(sheet: &Sheet) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0_u32); sheet.answers()];
    let cells: Vec<_> = sheet.filled().collect();
    for &(reviewer, answer, score) in &cells {
        for &(_, _, other) in cells.iter().filter(|cell| cell.0 == reviewer && cell.1 != answer) {
            let won = if score > other {
                1.0
            } else if score < other {
                0.0
            } else {
                0.5
            };
            sums[answer].0 += won;
            sums[answer].1 += 1;
        }
    }
    sums.into_iter().map(|(won, of)| (of > 0).then(|| won / f64::from(of))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[[f64; 3]]) -> Vec<Option<f64>> {
        let mut sheet = Sheet::new(rows.len(), 3);
        for (r, row) in rows.iter().enumerate() {
            row.iter()
                .enumerate()
                .filter(|(_, score)| !score.is_nan())
                .for_each(|(a, score)| sheet.set(r, a, *score));
        }
        borda(&sheet)
    }

    #[test]
    fn it_counts_duels_and_not_points() {
        // Worked by hand. By points the first one would win, 22 to 21.
        assert_eq!(
            of(&[[10.0, 5.0, 1.0], [6.0, 8.0, 1.0], [6.0, 8.0, 1.0]]),
            [Some(4.0 / 6.0), Some(5.0 / 6.0), Some(0.0)]
        );
    }

    #[test]
    fn equal_points_share_and_what_nobody_compared_has_none() {
        assert_eq!(of(&[[7.0, 7.0, f64::NAN]]), [Some(0.5), Some(0.5), None]);
        assert_eq!(of(&[[7.0, f64::NAN, f64::NAN]]), [None; 3]);
    }
}
