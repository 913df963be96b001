//! JSON in what a model wrote: some put it into Markdown or greet first, however they are asked.

use serde::de::DeserializeOwned;

/// Reads the one JSON object of a text.
pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let begin = text.find('{').ok_or("there is no JSON object")?;
    let end = text.rfind('}').filter(|end| *end > begin).ok_or("the JSON object does not end")?;
    serde_json::from_str(&text[begin..=end]).map_err(|error| error.to_string())
}
