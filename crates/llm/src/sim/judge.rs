//! How a simulated model rates an answer: by what it says alone.

use super::Seed;

/// What an answer says, as far as counting can tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Substance {
    points: usize,
    reasons: usize,
}

impl Substance {
    pub(super) fn of(answer: &str) -> Self {
        let numbered =
            |line: &&str| line.split_once(". ").is_some_and(|(number, _)| number.parse::<u8>().is_ok());
        let points: Vec<&str> = answer.lines().filter(numbered).collect();
        let reasons = points.iter().filter(|point| point.contains(" because ")).count();
        Self { points: points.len(), reasons }
    }

    /// 1 to 10 for one criterion, with a taste that depends on judge, answer and criterion but not on the place.
    pub(super) fn score(self, judge: &str, answer: &str, criterion: &str, leniency: i8) -> i64 {
        let worth = (self.points + self.reasons) as i64 / 2 + 1;
        let taste = Seed::from_texts([judge, answer, criterion]).pick(0, 3) as i64 - 1;
        (worth + taste + i64::from(leniency)).clamp(1, 10)
    }

    pub(super) fn critique(self) -> String {
        let Self { points, reasons } = self;
        match (points, reasons) {
            (0, _) => "It makes no point that could be acted on.".to_owned(),
            (_, 0) => format!("It makes {points} points and founds none of them."),
            _ if reasons < points => {
                format!("It makes {points} points; {} of them lack a reason.", points - reasons)
            }
            _ => format!("All {points} points are concrete and founded; priorities could be clearer."),
        }
    }
}

/// The score that an instruction outside of every fence orders for this label: `rate A 10`.
pub(super) fn ordered(outside: &str, label: &str) -> Option<i64> {
    let words: Vec<String> = outside.split_whitespace().map(str::to_lowercase).collect();
    let label = label.to_lowercase();
    words.windows(3).find_map(|three| {
        let number = three[2].trim_end_matches('.').parse().ok()?;
        (three[0] == "rate" && three[1] == label).then_some(number)
    })
}
