//! Short answers and which of them most give: what a vote asks for, how it is read, and how it is counted.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::json_text;

const MAX_ANSWER: usize = 300;
const MAX_REASON: usize = 2_000;

/// What one member votes for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    /// The short answer, as it was given, or the option that it means.
    pub answer: String,
    /// Why, in a sentence or two.
    pub reason: String,
}

/// How a vote ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Every answer that was given, the one that most gave first.
    pub choices: Vec<Choice>,
    /// Whether several answers share the first place.
    pub tied: bool,
}

/// An answer and who gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// As the first of them wrote it.
    #[schema(example = "18 months")]
    pub answer: String,
    /// How many gave it.
    pub votes: u8,
    /// Which share of all votes that is.
    pub share: f64,
    /// By which members, by their seats.
    pub seats: Vec<u8>,
}

/// The JSON Schema of a ballot.
pub fn schema(options: &[String]) -> Value {
    let answer = match options {
        [] => json!({ "type": "string", "maxLength": MAX_ANSWER }),
        options => json!({ "type": "string", "enum": options }),
    };
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["reason", "answer"],
        "properties": { "reason": { "type": "string" }, "answer": answer },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    answer: Value,
    #[serde(default)]
    reason: String,
}

/// The ballot that a member wrote.
///
/// # Errors
/// When it is not JSON of the schema, says nothing, too much, or none of the options.
pub fn parse(text: &str, options: &[String]) -> Result<Ballot, String> {
    let written: Written = json_text::parse(text)?;
    let answer = match &written.answer {
        Value::String(text) => text.trim().to_owned(),
        // Some do not put numbers and truth values into quotes.
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        _ => return Err("the answer is no text".to_owned()),
    };
    let plain = normalise(&answer);
    if plain.is_empty() {
        return Err("the answer is empty".to_owned());
    }
    if answer.chars().count() > MAX_ANSWER {
        return Err(format!("the answer is longer than {MAX_ANSWER} characters"));
    }
    let reason = written.reason.trim().chars().take(MAX_REASON).collect();
    if options.is_empty() {
        return Ok(Ballot { answer, reason });
    }
    match options.iter().find(|option| normalise(option) == plain) {
        Some(option) => Ok(Ballot { answer: option.clone(), reason }),
        None => Err(format!("the answer must be one of {}", options.join(", "))),
    }
}

/// Counts answers, each with the seat that gave it, from 1 on; answers that are the same but for spelling are one.
///
/// Equal numbers stand in the order of their first seats.
pub fn tally<'a>(answers: impl IntoIterator<Item = (u8, &'a str)>) -> Tally {
    let mut groups: Vec<(String, Choice)> = Vec::new();
    let mut all = 0_u8;
    for (seat, answer) in answers {
        all = all.saturating_add(1);
        let plain = normalise(answer);
        match groups.iter_mut().find(|(known, _)| *known == plain) {
            Some((_, choice)) => {
                choice.votes += 1;
                choice.seats.push(seat);
            }
            None => {
                let choice = Choice { answer: answer.to_owned(), votes: 1, share: 0.0, seats: vec![seat] };
                groups.push((plain, choice));
            }
        }
    }
    let mut choices: Vec<Choice> = groups.into_iter().map(|(_, choice)| choice).collect();
    for choice in &mut choices {
        choice.share = f64::from(choice.votes) / f64::from(all);
    }
    choices.sort_by_key(|choice| std::cmp::Reverse(choice.votes));
    let tied = matches!(choices.as_slice(), [first, second, ..] if first.votes == second.votes);
    Tally { choices, tied }
}

impl Tally {
    /// What won; where several share the first place each of them, a line each.
    pub fn answer(&self) -> String {
        let most = self.choices.first().map_or(0, |choice| choice.votes);
        let first = self.choices.iter().take_while(|choice| choice.votes == most);
        first.map(|choice| choice.answer.as_str()).collect::<Vec<_>>().join("\n")
    }
}

/// An answer without what differs between people who mean the same: case, spaces, marks around it, an article or
/// "the answer is" before it, and how a number is written.
pub fn normalise(answer: &str) -> String {
    let lower = answer.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let mut text = bare(&words.join(" ")).to_owned();
    for before in ["the answer is", "answer:", "answer is", "option ", "the ", "an ", "a "] {
        if let Some(rest) = text.strip_prefix(before).map(bare).filter(|rest| !rest.is_empty()) {
            text = rest.to_owned();
        }
    }
    let text = text.replace(" percent", "%").replace(" %", "%");
    number(&text).unwrap_or(text)
}

fn bare(text: &str) -> &str {
    let around = |c: char| {
        c.is_whitespace() || "*_`\"'\u{201c}\u{201d}\u{2018}\u{2019}.,;:!?()[]{}\u{2026}".contains(c)
    };
    let begin = |c: char| around(c) && c != '.';
    text.trim_end_matches(around).trim_start_matches(begin)
}

/// `1,250.50` and `1250.5` are the same; a unit that follows stays.
fn number(text: &str) -> Option<String> {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || ",.-+".contains(c))).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    if !number.starts_with(|c: char| c.is_ascii_digit() || "-+.".contains(c)) || !groups_of_three(number) {
        return None;
    }
    let value: f64 = number.replace(',', "").parse().ok()?;
    Some(format!("{value}{unit}"))
}

/// Commas only where they part thousands: `1,5` may be one and a half.
fn groups_of_three(number: &str) -> bool {
    let whole = number.split_once('.').map_or(number, |(whole, _)| whole);
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default().trim_start_matches(['-', '+']);
    let rest: Vec<&str> = groups.collect();
    rest.is_empty() || (!first.is_empty() && first.len() <= 3 && rest.iter().all(|group| group.len() == 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_makes_no_difference() {
        for (plain, spellings) in [
            (
                "yes",
                vec!["Yes", " YES. ", "**yes**", "\u{201c}Yes!\u{201d}", "The answer is: yes", "Answer: Yes"],
            ),
            ("b", vec!["B", "(b)", "b.", "Option B"]),
            ("1250.5", vec!["1,250.50", "1250.5", "+1250.500"]),
            ("18 months", vec!["18  months", "18 Months.", "18.0 months"]),
            ("50%", vec!["50 %", "50 percent", "50%"]),
            ("united states", vec!["The United States", "united states"]),
            ("é", vec!["É", " é "]),
        ] {
            for spelling in spellings {
                assert_eq!(normalise(spelling), plain, "{spelling}");
            }
        }
    }

    #[test]
    fn what_means_something_else_stays_apart() {
        for (one, other) in
            [("yes", "no"), ("12", "1.2"), ("1,5", "15"), ("-3", "3"), ("a", "an"), ("c", "c++")]
        {
            assert_ne!(normalise(one), normalise(other), "{one} {other}");
        }
    }

    #[test]
    fn most_votes_win_and_ties_are_told() {
        let tally_of = |answers: &[&'static str]| tally((1_u8..).zip(answers.iter().copied()));
        let clear = tally_of(&["No", "yes", "Yes.", "18"]);
        assert_eq!((clear.answer().as_str(), clear.tied), ("yes", false));
        assert_eq!((clear.choices[0].seats.as_slice(), clear.choices[0].share), ([2, 3].as_slice(), 0.5));
        assert_eq!(clear.choices[1].answer, "No", "the first seat's first");
        let tied = tally_of(&["b", "a", "B", "A", "c"]);
        assert_eq!((tied.answer().as_str(), tied.tied), ("b\na", true));
        assert_eq!(tally_of(&[]), Tally { choices: vec![], tied: false });
    }

    #[test]
    fn a_ballot_is_read_or_refused() {
        let options = ["Delaware".to_owned(), "Estonia".to_owned()];
        let ballot = parse(r#"{"reason": " cheap ", "answer": "**estonia**."}"#, &options).unwrap();
        assert_eq!(ballot, Ballot { answer: "Estonia".to_owned(), reason: "cheap".to_owned() });
        assert_eq!(parse(r#"{"answer": 18}"#, &[]).unwrap().answer, "18");
        assert_eq!(parse(r#"{"answer": true}"#, &[]).unwrap().answer, "yes");
        let long = json!({ "answer": "x".repeat(301) }).to_string();
        for (text, options) in [
            (r#"{"answer": "Malta"}"#, options.as_slice()),
            (r#"{"answer": " ! "}"#, &[]),
            (r#"{"answer": ["a"]}"#, &[]),
            (r#"{"answer": "a", "score": 10}"#, &[]),
            (long.as_str(), &[]),
            ("Estonia", &options),
        ] {
            assert!(parse(text, options).is_err(), "{text}");
        }
    }
}
