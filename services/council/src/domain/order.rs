//! In which order each reviewer reads the answers, and under which labels.

use rand::Rng;
use rand::seq::SliceRandom;

/// For each of `n` reviewers, the `n` answers in the order in which they are shown.
///
/// The rows form a Latin square: every answer stands in every place exactly once, so that what a place is worth cancels
/// in the sums. Rows are developed from Williams' sequence 0, 1, n-1, 2, n-2 …, which for even `n` also lets every
/// answer follow every other exactly once; then answers and rows are shuffled.
pub fn balanced(n: usize, rng: &mut impl Rng) -> Vec<Vec<usize>> {
    let mut answers: Vec<usize> = (0..n).collect();
    answers.shuffle(rng);
    let row = |shift: usize| williams(n).map(|place| answers[(place + shift) % n]).collect();
    let mut rows: Vec<Vec<usize>> = (0..n).map(row).collect();
    rows.shuffle(rng);
    rows
}

fn williams(n: usize) -> impl Iterator<Item = usize> {
    (0..n).map(move |place| if place % 2 == 1 { place.div_ceil(2) } else { (n - place / 2) % n })
}

/// `n` labels in random order: `A`, `B`, … for up to 26, then `A1`, `B1`, ….
pub fn labels(n: usize, rng: &mut impl Rng) -> Vec<String> {
    let mut labels: Vec<String> = (0..n).map(label).collect();
    labels.shuffle(rng);
    labels
}

fn label(nth: usize) -> String {
    let letter = char::from(b'A' + (nth % 26) as u8);
    if nth < 26 { letter.to_string() } else { format!("{letter}{}", nth / 26) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    proptest! {
        #[test]
        fn every_answer_stands_in_every_place_once(n in 1_usize..=12, seed: u64) {
            let rows = balanced(n, &mut StdRng::seed_from_u64(seed));
            prop_assert_eq!(rows.len(), n);
            for place in 0..n {
                let there: HashSet<usize> = rows.iter().map(|row| row[place]).collect();
                prop_assert_eq!(there.len(), n);
            }
            for row in &rows {
                prop_assert_eq!(row.iter().collect::<HashSet<_>>().len(), n);
            }
        }

        #[test]
        fn with_an_even_number_every_answer_follows_every_other_once(half in 1_usize..=6, seed: u64) {
            let rows = balanced(2 * half, &mut StdRng::seed_from_u64(seed));
            let mut pairs = HashSet::new();
            for pair in rows.iter().flat_map(|row| row.windows(2)) {
                prop_assert!(pairs.insert((pair[0], pair[1])));
            }
        }

        #[test]
        fn labels_are_distinct(n in 0_usize..=60, seed: u64) {
            let labels = labels(n, &mut StdRng::seed_from_u64(seed));
            prop_assert_eq!(labels.iter().collect::<HashSet<_>>().len(), n);
        }
    }

    #[test]
    fn two_runs_differ() {
        let rows = |seed| balanced(5, &mut StdRng::seed_from_u64(seed));
        assert_ne!(rows(1), rows(2));
    }
}
