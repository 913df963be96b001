//! `docs/events.md`: the events that partners can subscribe to, written from the contracts.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;
use witan_events::catalogue;

const DOCUMENT: &str = "docs/events.md";

const HEAD: &str = "<!-- Written by `witan-dev check events --bless` from `proto/`. -->

# Events

What webhooks are told of. Every request has a body like the examples below and the headers of
[Standard Webhooks](https://www.standardwebhooks.com). `data` gains members in time; none is ever renamed or removed. The same
catalogue with JSON Schemas of the whole bodies is at `GET /api/v1/webhooks/event-types`.
";

pub(super) fn check(checkout: &Path, bless: bool) -> Result<Vec<String>> {
    let (path, now) = (checkout.join(DOCUMENT), document()?);
    if fs::read_to_string(&path).is_ok_and(|present| present == now) {
        return Ok(Vec::new());
    }
    if !bless {
        return Ok(vec![format!(
            "{DOCUMENT} is not what the contracts say: `witan-dev check events --bless` writes it"
        )]);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, now)?;
    Ok(Vec::new())
}

fn document() -> Result<String> {
    let mut text = HEAD.to_owned();
    text.push_str("\n| type | what happened |\n|---|---|\n");
    for known in catalogue::public() {
        let anchor = known.name.replace('.', "");
        writeln!(text, "| [`{}`](#{anchor}) | {} |", known.name, catalogue::description(known))?;
    }
    for known in catalogue::public() {
        let (schema, example) = (catalogue::schema(known), catalogue::example(known));
        write!(text, "\n## {}\n\n{}\n\n", known.name, catalogue::description(known))?;
        text.push_str("| member of `data` | type | meaning |\n|---|---|---|\n");
        let data = &schema["properties"]["data"];
        for (name, member) in data["properties"].as_object().into_iter().flatten() {
            let required = data["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
            let absent = if required { "" } else { ", may be missing" };
            let meaning = member["description"].as_str().unwrap_or_default();
            writeln!(text, "| `{name}` | {}{absent} | {meaning} |", kind(member))?;
        }
        write!(text, "\n```json\n{}\n```\n", serde_json::to_string_pretty(&example)?)?;
    }
    Ok(text)
}

fn kind(schema: &Value) -> String {
    match (schema["type"].as_str().unwrap_or_default(), schema["format"].as_str()) {
        ("string", Some("date-time")) => "time (RFC 3339)".to_owned(),
        ("array", _) => format!("list of {}", kind(&schema["items"])),
        ("object", _) => format!("map to {}", kind(&schema["additionalProperties"])),
        (name, _) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_type_is_documented_with_its_members() {
        let text = document().unwrap();
        for known in catalogue::public() {
            assert!(text.contains(&format!("\n## {}\n", known.name)), "{}", known.name);
        }
        assert!(text.contains("| `runId` | string | The run, `run_…`. |"));
        assert!(!text.contains("session.started"));
    }

    #[test]
    fn a_document_that_is_old_is_noticed_and_written_anew() {
        let folder = std::env::temp_dir().join(format!("witan-events-{}", std::process::id()));
        assert_eq!(check(&folder, false).unwrap().len(), 1);
        assert_eq!(check(&folder, true).unwrap(), Vec::<String>::new());
        assert_eq!(check(&folder, false).unwrap(), Vec::<String>::new());
        fs::write(folder.join(DOCUMENT), "old").unwrap();
        assert_eq!(check(&folder, false).unwrap().len(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
