use super::contest::{Contestant, Entry, Scored};

/// How often the questions are drawn anew for an interval.
const DRAWS: usize = 2_000;

/// What a contestant did with all questions.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) answered: usize,
    pub(super) asked: usize,
    /// 0 to 1; a question without an answer scores nothing.
    pub(super) score: Estimate,
    /// Of a question, in millionths of a dollar.
    pub(super) cost_micros: Estimate,
    /// Of an answer, in milliseconds.
    pub(super) millis: Estimate,
    pub(super) slowest: f64,
}

/// A mean, and where it lies in 95 of 100 cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) mean: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

pub(super) fn rows(contestants: &[Contestant], entries: &[Entry]) -> Vec<Row> {
    contestants.iter().map(|contestant| row(&contestant.name(), entries)).collect()
}

fn row(name: &str, entries: &[Entry]) -> Row {
    let own: Vec<&Entry> = entries.iter().filter(|entry| entry.contestant == name).collect();
    let answered: Vec<&Scored> = own.iter().filter_map(|entry| entry.outcome.as_ref().ok()).collect();
    let scores: Vec<f64> =
        own.iter().map(|entry| entry.outcome.as_ref().map_or(0.0, |scored| scored.score)).collect();
    let costs: Vec<f64> = answered.iter().map(|scored| scored.cost_micros as f64).collect();
    let millis: Vec<f64> = answered.iter().map(|scored| scored.millis as f64).collect();
    Row {
        name: name.to_owned(),
        answered: answered.len(),
        asked: own.len(),
        score: Estimate::of(&scores),
        cost_micros: Estimate::of(&costs),
        slowest: millis.iter().copied().fold(0.0, f64::max),
        millis: Estimate::of(&millis),
    }
}

impl Estimate {
    /// The mean with a percentile bootstrap interval. The draws are the same each time, so that a report can be repeated.
    fn of(values: &[f64]) -> Self {
        if values.is_empty() {
            return Self { mean: f64::NAN, low: f64::NAN, high: f64::NAN };
        }
        let mean = |sum: f64| sum / values.len() as f64;
        let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
        let mut means: Vec<f64> = (0..DRAWS)
            .map(|_| mean(values.iter().map(|_| values[chance.below(values.len())]).sum()))
            .collect();
        means.sort_by(f64::total_cmp);
        let at = |share: f64| means[((DRAWS - 1) as f64 * share).round() as usize];
        Self { mean: mean(values.iter().sum()), low: at(0.025), high: at(0.975) }
    }
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::eval) fn entry(who: &Contestant, question: &str, outcome: Result<f64, &str>) -> Entry {
        let scored = |score| Scored { score, cost_micros: 500, millis: 40, answer: "A <b>.".to_owned() };
        Entry {
            contestant: who.name(),
            question: question.to_owned(),
            outcome: outcome.map(scored).map_err(str::to_owned),
        }
    }

    #[test]
    fn the_interval_holds_the_mean_and_narrows_with_more_answers() {
        let some = Estimate::of(&[0.0, 1.0, 1.0, 0.0]);
        assert_eq!(some.mean, 0.5);
        assert!(some.low < 0.5 && some.high > 0.5);
        let many = Estimate::of(&[0.0, 1.0, 1.0, 0.0].repeat(25));
        assert!(many.high - many.low < (some.high - some.low) / 2.0);
        assert_eq!(Estimate::of(&[0.3; 9]).low, Estimate::of(&[0.3; 9]).high);
        assert_eq!(some, Estimate::of(&[0.0, 1.0, 1.0, 0.0]), "the same each time");
    }

    #[test]
    fn a_question_without_an_answer_scores_nothing_and_costs_nothing() {
        let who = Contestant::Council;
        let entries = [entry(&who, "a", Ok(1.0)), entry(&who, "b", Err("503"))];
        let row = &rows(&[who], &entries)[0];
        assert_eq!((row.answered, row.asked, row.score.mean), (1, 2, 0.5));
        assert_eq!((row.cost_micros.mean, row.millis.mean), (500.0, 40.0));
    }
}
