//! What a reviewer must answer, and how it is checked. Whatever does not fit is no review: a score that was guessed
//! from prose would be worse than none.

use serde::Deserialize;
use serde_json::{Value, json};

use super::json_text;

/// The lowest and the highest score.
pub const SCORES: std::ops::RangeInclusive<i64> = 1..=10;
const MAX_CRITIQUE: usize = 2_000;

/// What one reviewer thinks of one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Rating {
    /// The label under which the reviewer knew the answer.
    pub label: String,
    /// A score for each criterion, in the order of the criteria.
    pub scores: Vec<i64>,
    /// What is good and what is wrong with it.
    pub critique: String,
}

impl Rating {
    /// The mean over the criteria.
    pub fn mean(&self) -> f64 {
        self.scores.iter().sum::<i64>() as f64 / self.scores.len().max(1) as f64
    }
}

/// Why an answer is no review, in words that help the model to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoReview(pub String);

/// The JSON Schema of a review of these labels by these criteria.
pub fn schema(labels: &[String], criteria: &[&str]) -> Value {
    let score = json!({ "type": "integer", "minimum": SCORES.start(), "maximum": SCORES.end() });
    let scores: serde_json::Map<_, _> =
        criteria.iter().map(|criterion| ((*criterion).to_owned(), score.clone())).collect();
    let mut sorted = labels.to_vec();
    sorted.sort();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["reviews"],
        "properties": { "reviews": { "type": "array", "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["label", "critique", "scores"],
            "properties": {
                "label": { "type": "string", "enum": sorted },
                "critique": { "type": "string" },
                "scores": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": criteria,
                    "properties": scores,
                },
            },
        } } },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviews {
    reviews: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    label: String,
    critique: String,
    scores: serde_json::Map<String, Value>,
}

/// The ratings of a review, one for each label in the order of `labels`.
///
/// # Errors
/// When it is not JSON, an answer is missing, unknown or rated twice, or a score is missing, unknown or out of range.
pub fn parse(text: &str, labels: &[String], criteria: &[&str]) -> Result<Vec<Rating>, NoReview> {
    let parsed: Reviews =
        json_text::parse(text).map_err(|error| NoReview(format!("it is not as asked: {error}")))?;
    let mut ratings = Vec::with_capacity(labels.len());
    for label in labels {
        let mut about = parsed.reviews.iter().filter(|item| item.label == *label);
        let item = about.next().ok_or_else(|| NoReview(format!("there is no review of {label}")))?;
        if about.next().is_some() {
            return Err(NoReview(format!("{label} is reviewed twice")));
        }
        ratings.push(rating(item, criteria)?);
    }
    match parsed.reviews.iter().find(|item| !labels.contains(&item.label)) {
        Some(item) => Err(NoReview(format!("there is no answer {}", item.label))),
        None => Ok(ratings),
    }
}

fn rating(item: &Item, criteria: &[&str]) -> Result<Rating, NoReview> {
    if let Some(unknown) = item.scores.keys().find(|name| !criteria.contains(&name.as_str())) {
        return Err(NoReview(format!("there is no criterion {unknown}")));
    }
    let score = |criterion: &&str| {
        let score = item.scores.get(*criterion).and_then(Value::as_i64);
        let score = score.filter(|score| SCORES.contains(score));
        score.ok_or_else(|| {
            NoReview(format!("{} has no whole number from 1 to 10 for {criterion}", item.label))
        })
    };
    Ok(Rating {
        label: item.label.clone(),
        scores: criteria.iter().map(score).collect::<Result<_, _>>()?,
        critique: item.critique.trim().chars().take(MAX_CRITIQUE).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRITERIA: [&str; 2] = ["accuracy", "usefulness"];

    fn labels() -> Vec<String> {
        vec!["B".to_owned(), "A".to_owned()]
    }

    fn review(label: &str, accuracy: impl Into<Value>) -> Value {
        json!({ "label": label, "critique": " fine ", "scores": { "accuracy": accuracy.into(), "usefulness": 7 } })
    }

    fn parsed(reviews: &[Value]) -> Result<Vec<Rating>, NoReview> {
        parse(&json!({ "reviews": reviews }).to_string(), &labels(), &CRITERIA)
    }

    #[test]
    fn a_review_is_read_in_the_order_of_the_labels() {
        let ratings = parsed(&[review("A", 4), review("B", 9)]).unwrap();
        assert_eq!(
            ratings[0],
            Rating { label: "B".to_owned(), scores: vec![9, 7], critique: "fine".to_owned() }
        );
        assert_eq!(ratings[1].mean(), 5.5);
    }

    #[test]
    fn a_wrapping_of_prose_or_markdown_does_no_harm() {
        let json = json!({ "reviews": [review("A", 4), review("B", 9)] });
        for text in [format!("```json\n{json}\n```"), format!("Here you are: {json} I hope it helps.")] {
            assert!(parse(&text, &labels(), &CRITERIA).is_ok(), "{text}");
        }
    }

    #[test]
    fn whatever_is_not_as_asked_is_no_review() {
        let extra =
            json!({ "label": "A", "critique": "", "scores": { "accuracy": 1, "usefulness": 1, "charm": 9 } });
        let short = json!({ "label": "A", "critique": "", "scores": { "accuracy": 1 } });
        for (reviews, why) in [
            (vec![review("A", 4)], "no review of B"),
            (vec![review("A", 4), review("A", 4), review("B", 4)], "A is reviewed twice"),
            (vec![review("A", 4), review("B", 4), review("C", 4)], "no answer C"),
            (vec![review("A", 11), review("B", 4)], "1 to 10 for accuracy"),
            (vec![review("A", 0), review("B", 4)], "1 to 10"),
            (vec![review("A", 7.5), review("B", 4)], "whole number"),
            (vec![review("A", "8"), review("B", 4)], "whole number"),
            (vec![extra, review("B", 4)], "no criterion charm"),
            (vec![short, review("B", 4)], "usefulness"),
        ] {
            let error = parsed(&reviews).unwrap_err();
            assert!(error.0.contains(why), "{error}");
        }
        for text in ["", "Certainly! {\"reviews\": [", "[]", "{\"reviews\": 3}", "A: 10/10"] {
            assert!(parse(text, &labels(), &CRITERIA).is_err(), "{text}");
        }
    }
}
