//! What the chair must write, and how it is checked.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::json_text;

const MAX_POINTS: usize = 12;
const MAX_POINT: usize = 600;

/// The chair's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Synthesis {
    /// The text.
    pub answer: String,
    /// Where the answers agree and where not.
    pub disagreement: Disagreement,
}

/// Where the answers agree and where not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Disagreement {
    /// What all of them say.
    pub consensus: Vec<Point>,
    /// Where some say the opposite of others.
    pub contradictions: Vec<Point>,
    /// What some say and the others do not mention.
    pub partial_coverage: Vec<Point>,
    /// What only one says, and is worth hearing.
    pub unique_insights: Vec<Point>,
    /// What none says and should have.
    pub blind_spots: Vec<Point>,
}

/// Something that was said, or was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// What.
    pub text: String,
    /// By which members, by their seats.
    pub seats: Vec<u8>,
}

/// The members of [`Disagreement`], with what the chair is told of each.
const PARTS: [&str; 5] = ["consensus", "contradictions", "partialCoverage", "uniqueInsights", "blindSpots"];

/// The JSON Schema of a synthesis of these labels.
pub fn schema(labels: &[String]) -> Value {
    let mut sorted = labels.to_vec();
    sorted.sort();
    let point = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["text", "labels"],
        "properties": {
            "text": { "type": "string" },
            "labels": { "type": "array", "items": { "type": "string", "enum": sorted } },
        },
    });
    let parts = PARTS.iter().map(|part| ((*part).to_owned(), json!({ "type": "array", "items": point })));
    let mut properties: serde_json::Map<_, _> = parts.collect();
    properties.insert("answer".to_owned(), json!({ "type": "string" }));
    let required: Vec<&str> = std::iter::once("answer").chain(PARTS).collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    answer: String,
    consensus: Vec<WrittenPoint>,
    contradictions: Vec<WrittenPoint>,
    partial_coverage: Vec<WrittenPoint>,
    unique_insights: Vec<WrittenPoint>,
    blind_spots: Vec<WrittenPoint>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPoint {
    text: String,
    #[serde(default)]
    labels: Vec<String>,
}

/// The synthesis that a chair wrote, with labels turned back into seats. Labels that there are not are left out: a
/// point without its holder is still a point.
///
/// # Errors
/// When it is not JSON of the schema, or has no answer.
pub fn parse(text: &str, seat_of: impl Fn(&str) -> Option<u8>) -> Result<Synthesis, String> {
    let written: Written = json_text::parse(text)?;
    let answer = written.answer.trim().to_owned();
    if answer.is_empty() {
        return Err("the answer is empty".to_owned());
    }
    let point = |point: WrittenPoint| {
        let mut seats: Vec<u8> = point.labels.iter().filter_map(|label| seat_of(label)).collect();
        seats.sort_unstable();
        seats.dedup();
        Point { text: point.text.trim().chars().take(MAX_POINT).collect(), seats }
    };
    let points = |points: Vec<WrittenPoint>| {
        points.into_iter().map(point).filter(|point| !point.text.is_empty()).take(MAX_POINTS).collect()
    };
    let disagreement = Disagreement {
        consensus: points(written.consensus),
        contradictions: points(written.contradictions),
        partial_coverage: points(written.partial_coverage),
        unique_insights: points(written.unique_insights),
        blind_spots: points(written.blind_spots),
    };
    Ok(Synthesis { answer, disagreement })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(answer: &str, labels: &[&str]) -> String {
        let point = json!([{ "text": " Raise early. ", "labels": labels }]);
        json!({ "answer": answer, "consensus": point, "contradictions": [], "partialCoverage": [],
                "uniqueInsights": [], "blindSpots": [{ "text": "Taxes." }] })
        .to_string()
    }

    fn seat(label: &str) -> Option<u8> {
        ["C", "A"].iter().position(|known| *known == label).map(|at| at as u8 + 1)
    }

    #[test]
    fn labels_become_seats() {
        let synthesis = parse(&written("Yes.", &["A", "C", "A", "Z"]), seat).unwrap();
        assert_eq!(synthesis.answer, "Yes.");
        assert_eq!(
            synthesis.disagreement.consensus,
            [Point { text: "Raise early.".to_owned(), seats: vec![1, 2] }]
        );
        assert!(synthesis.disagreement.blind_spots[0].seats.is_empty());
    }

    #[test]
    fn an_answer_there_must_be() {
        assert!(parse(&written("  ", &[]), seat).is_err());
        assert!(parse("I would rather write prose.", seat).is_err());
        assert!(parse("{\"answer\": \"Yes.\"}", seat).is_err());
    }

    #[test]
    fn the_schema_names_every_part() {
        let schema = schema(&["B".to_owned(), "A".to_owned()]);
        assert_eq!(schema["required"].as_array().unwrap().len(), 6);
        assert_eq!(
            schema["properties"]["consensus"]["items"]["properties"]["labels"]["items"]["enum"],
            json!(["A", "B"])
        );
    }
}
