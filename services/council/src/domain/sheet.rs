//! The scores of one run as numbers, and the additive fit to them.

/// Who gave which answer how many points; a cell is empty where nobody gave any.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    reviewers: usize,
    answers: usize,
    cells: Vec<Option<f64>>,
}

/// The least-squares fit of score(reviewer, answer) = mean + leniency of the reviewer + quality of the answer.
///
/// Fitting leniency away lets answers be compared although not every reviewer scored every one of them: whoever was
/// only seen by strict reviewers does not suffer for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    mean: f64,
    /// By how much each answer is above the mean; none for one that nobody scored.
    pub quality: Vec<Option<f64>>,
    /// By how much each reviewer is above the mean; none for one who scored nothing.
    pub leniency: Vec<Option<f64>>,
}

const MAX_ROUNDS: usize = 500;
const CLOSE: f64 = 1e-10;

impl Sheet {
    /// An empty one.
    pub fn new(reviewers: usize, answers: usize) -> Self {
        Self { reviewers, answers, cells: vec![None; reviewers * answers] }
    }

    /// How many reviewers there could be.
    pub fn reviewers(&self) -> usize {
        self.reviewers
    }

    /// How many answers there are.
    pub fn answers(&self) -> usize {
        self.answers
    }

    /// Notes a score.
    pub fn set(&mut self, reviewer: usize, answer: usize, score: f64) {
        self.cells[reviewer * self.answers + answer] = Some(score);
    }

    /// The scores of one reviewer, if there is one for every answer.
    pub fn whole_row(&self, reviewer: usize) -> Option<Vec<f64>> {
        let row = &self.cells[reviewer * self.answers..(reviewer + 1) * self.answers];
        row.iter().copied().collect()
    }

    /// Every score: reviewer, answer, points.
    pub fn filled(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        let answers = self.answers;
        self.cells
            .iter()
            .enumerate()
            .filter_map(move |(at, cell)| Some((at / answers, at % answers, (*cell)?)))
    }

    /// The fit; none without a single score.
    ///
    /// Reviewers and answers are fitted in turns until nothing moves. With no cell empty the first turn is exact; it
    /// converges to the least squares for any pattern of empty ones.
    pub fn fit(&self) -> Option<Fit> {
        let cells: Vec<_> = self.filled().collect();
        if cells.is_empty() {
            return None;
        }
        let mean = cells.iter().map(|(_, _, score)| score).sum::<f64>() / cells.len() as f64;
        let (mut leniency, mut quality) = (vec![None; self.reviewers], vec![None; self.answers]);
        for _ in 0..MAX_ROUNDS {
            let to_reviewer =
                |&(r, a, score): &(usize, usize, f64)| (r, score - mean - quality[a].unwrap_or(0.0));
            leniency = means(self.reviewers, cells.iter().map(to_reviewer));
            let to_answer =
                |&(r, a, score): &(usize, usize, f64)| (a, score - mean - leniency[r].unwrap_or(0.0));
            let next = means(self.answers, cells.iter().map(to_answer));
            let moved = change(&quality, &next);
            quality = next;
            if moved < CLOSE {
                break;
            }
        }
        Some(Fit { mean, quality, leniency }.centred())
    }
}

impl Fit {
    /// What an average reviewer would give the answer.
    pub fn score(&self, answer: usize) -> Option<f64> {
        self.quality[answer].map(|quality| self.mean + quality)
    }

    /// What the fit says this cell should be.
    pub fn expected(&self, reviewer: usize, answer: usize) -> f64 {
        self.mean + self.quality[answer].unwrap_or(0.0) + self.leniency[reviewer].unwrap_or(0.0)
    }

    /// Both effects around zero, so that the mean is that of an average reviewer and an average answer.
    fn centred(mut self) -> Self {
        for effects in [&mut self.quality, &mut self.leniency] {
            let known: Vec<f64> = effects.iter().flatten().copied().collect();
            let centre = known.iter().sum::<f64>() / known.len().max(1) as f64;
            self.mean += centre;
            effects.iter_mut().flatten().for_each(|effect| *effect -= centre);
        }
        self
    }
}

fn means(count: usize, values: impl Iterator<Item = (usize, f64)>) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0_u32); count];
    for (at, value) in values {
        sums[at].0 += value;
        sums[at].1 += 1;
    }
    sums.into_iter().map(|(sum, count)| (count > 0).then(|| sum / f64::from(count))).collect()
}

fn change(before: &[Option<f64>], after: &[Option<f64>]) -> f64 {
    let pairs = before.iter().zip(after);
    pairs.map(|(a, b)| a.map_or(f64::INFINITY, |a| (a - b.unwrap_or(a)).abs())).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A sheet without noise from these effects, with the cells for which `keep` is false left empty.
    fn exact(leniency: &[f64], quality: &[f64], keep: impl Fn(usize, usize) -> bool) -> Sheet {
        let mut sheet = Sheet::new(leniency.len(), quality.len());
        for (r, lenient) in leniency.iter().enumerate() {
            for (a, good) in quality.iter().enumerate() {
                if keep(r, a) {
                    sheet.set(r, a, 5.0 + lenient + good);
                }
            }
        }
        sheet
    }

    #[test]
    fn a_full_sheet_gives_the_means() {
        let mut sheet = Sheet::new(2, 2);
        for (r, a, score) in [(0, 0, 9.0), (0, 1, 7.0), (1, 0, 5.0), (1, 1, 3.0)] {
            sheet.set(r, a, score);
        }
        let fit = sheet.fit().unwrap();
        assert_eq!((fit.score(0), fit.score(1)), (Some(7.0), Some(5.0)));
        assert_eq!(fit.leniency, [Some(2.0), Some(-2.0)]);
    }

    #[test]
    fn a_strict_reviewer_does_not_hurt_the_answer_only_they_scored() {
        // Plain means would put answer 2 last with 4; with leniency fitted away it is the best.
        let sheet = exact(&[2.0, -2.0], &[0.0, 0.5, 1.0], |r, a| r == 1 || a != 2);
        let fit = sheet.fit().unwrap();
        let scores: Vec<f64> = (0..3).map(|a| fit.score(a).unwrap()).collect();
        assert!(scores[2] > scores[1] && scores[1] > scores[0], "{scores:?}");
    }

    #[test]
    fn nothing_is_said_of_what_nobody_scored() {
        assert_eq!(Sheet::new(3, 3).fit(), None);
        let mut sheet = Sheet::new(2, 2);
        sheet.set(0, 0, 4.0);
        let fit = sheet.fit().unwrap();
        assert_eq!((fit.score(0), fit.score(1)), (Some(4.0), None));
    }

    proptest! {
        #[test]
        fn effects_without_noise_are_found_again(
            leniency in prop::collection::vec(-2.0..2.0_f64, 2..6),
            quality in prop::collection::vec(-2.0..2.0_f64, 2..6),
            empty in prop::collection::vec(any::<bool>(), 36),
        ) {
            // The first row and the first column are kept, so that everything stays comparable.
            let sheet = exact(&leniency, &quality, |r, a| r == 0 || a == 0 || !empty[r * 6 + a]);
            let fit = sheet.fit().unwrap();
            for a in 1..quality.len() {
                let found = fit.quality[a].unwrap() - fit.quality[0].unwrap();
                prop_assert!((found - (quality[a] - quality[0])).abs() < 1e-6, "{} {}", found, quality[a] - quality[0]);
            }
        }

        #[test]
        fn shifting_a_reviewer_changes_nobodys_place(
            scores in prop::collection::vec(1.0..10.0_f64, 16), shift in -5.0..5.0_f64,
        ) {
            let sheet = |shift: f64| {
                let mut sheet = Sheet::new(4, 4);
                for (at, score) in scores.iter().enumerate() {
                    sheet.set(at / 4, at % 4, if at / 4 == 2 { score + shift } else { *score });
                }
                sheet.fit().unwrap()
            };
            let (plain, shifted) = (sheet(0.0), sheet(shift));
            for a in 0..4 {
                prop_assert!((plain.quality[a].unwrap() - shifted.quality[a].unwrap()).abs() < 1e-9);
            }
        }
    }
}
