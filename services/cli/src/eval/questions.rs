use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// A set of questions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Questions {
    pub(super) title: Option<String>,
    pub(super) questions: Vec<Question>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    pub(super) id: String,
    pub(super) prompt: String,
    /// What an answer should know besides.
    pub(super) context: Option<String>,
    pub(super) expect: Expect,
}

/// What makes an answer good. Several conditions count alike; the score is the share that is met.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Expect {
    /// Texts that must be in it, whatever their capitals.
    pub(super) contains: Vec<String>,
    /// Texts that must not.
    pub(super) lacks: Vec<String>,
    /// A number that must be in it.
    pub(super) number: Option<Number>,
    /// What a judge looks for, who gives 0 to 10 points.
    pub(super) rubric: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Number {
    pub(super) value: f64,
    #[serde(default)]
    pub(super) tolerance: f64,
}

impl Questions {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let questions: Self = serde_saphyr::from_str(text).context("the questions are no such YAML")?;
        if questions.questions.is_empty() {
            bail!("there are no questions");
        }
        for (at, question) in questions.questions.iter().enumerate() {
            if question.expect.conditions() == 0 {
                bail!("nothing is expected of {}", question.id);
            }
            if questions.questions[..at].iter().any(|other| other.id == question.id) {
                bail!("two questions are called {}", question.id);
            }
        }
        Ok(questions)
    }

    pub(super) fn check_judge(&self, there: bool) -> Result<()> {
        match self.questions.iter().find(|question| question.expect.rubric.is_some()) {
            Some(question) if !there => bail!("{} has a rubric: name a --judge", question.id),
            _ => Ok(()),
        }
    }
}

impl Expect {
    fn conditions(&self) -> usize {
        let single = [self.number.is_some(), self.rubric.is_some()];
        self.contains.len() + self.lacks.len() + single.into_iter().filter(|there| *there).count()
    }

    /// The share of the conditions that an answer meets; `judged` is the judge's opinion, 0 to 1, where there is a rubric.
    pub(super) fn score(&self, answer: &str, judged: Option<f64>) -> f64 {
        let text = answer.to_lowercase();
        let met = |wanted: &String| f64::from(text.contains(&wanted.to_lowercase()));
        let contained: f64 = self.contains.iter().map(met).sum();
        let absent: f64 = self.lacks.iter().map(|unwanted| 1.0 - met(unwanted)).sum();
        let number = self.number.as_ref().map_or(0.0, |number| f64::from(number.is_in(answer)));
        (contained + absent + number + judged.unwrap_or(0.0)) / self.conditions() as f64
    }
}

impl Number {
    /// Whether one of the numbers in a text is this one. Commas between digits group thousands.
    fn is_in(&self, text: &str) -> bool {
        let part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-');
        let words = text.split(|c: char| !part(c));
        let numbers =
            words.filter_map(|word| word.trim_matches([',', '.']).replace(',', "").parse::<f64>().ok());
        numbers.into_iter().any(|number| (number - self.value).abs() <= self.tolerance + f64::EPSILON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &str = "
title: Runway
questions:
  - id: months
    prompt: How many months?
    expect:
      contains: [eighteen, burn]
      lacks: [guarantee]
      number: { value: 18, tolerance: 1 }
";

    #[test]
    fn the_score_is_the_share_of_conditions_that_are_met() {
        let set = Questions::parse(SET).unwrap();
        let expect = &set.questions[0].expect;
        assert_eq!(expect.score("Eighteen (17.5) months, by your burn.", None), 1.0);
        assert_eq!(expect.score("Eighteen months, guaranteed.", None), 0.25);
        assert_eq!(expect.score("", None), 0.25, "what is not said is lacking");
        let judged = Expect { rubric: Some("R".to_owned()), ..expect.clone() };
        assert_eq!(judged.score("Eighteen (18) months of burn.", Some(0.5)), 0.9);
    }

    #[test]
    fn numbers_are_found_as_people_write_them() {
        let number = Number { value: 1_200_000.0, tolerance: 0.5 };
        assert!(number.is_in("It costs $1,200,000."));
        assert!(!number.is_in("It costs 1.2 million, or 12000000."));
        assert!(Number { value: -3.5, tolerance: 0.0 }.is_in("about -3.5%"));
    }

    #[test]
    fn mistakes_are_told() {
        for (from, to, says) in [
            ("title: Runway", "titel: Runway", "no such YAML"),
            (
                "      contains: [eighteen, burn]\n      lacks: [guarantee]\n      number: { value: 18, tolerance: 1 }\n",
                "      contains: []\n",
                "nothing is expected",
            ),
        ] {
            let error = Questions::parse(&SET.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let rubric = SET.replace("lacks: [guarantee]", "rubric: Says why.");
        let rubric = Questions::parse(&rubric).unwrap();
        assert!(rubric.check_judge(false).unwrap_err().to_string().contains("--judge"));
        assert!(rubric.check_judge(true).is_ok());
    }
}
