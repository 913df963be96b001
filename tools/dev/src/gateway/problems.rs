//! The page that every problem's `type` leads to: all codes with what they mean, nothing fetched from anywhere.

use anyhow::{Context as _, Result};
use minijinja::value::Serde;
use minijinja::{Environment, context};
use serde::Serialize;
use witan_web::codes::{self, Code};

/// Its address is in the services' answers.
pub(crate) const PAGE: &str = "docs/problems.html";
const TEMPLATE: &str = include_str!("problems.html.j2");

#[derive(Serialize)]
struct Entry {
    code: &'static str,
    status: u16,
    category: String,
    title: &'static str,
    /// Every second piece stood between backticks.
    meaning: Vec<&'static str>,
}

impl From<&'static Code> for Entry {
    fn from(code: &'static Code) -> Self {
        Self {
            code: code.code,
            status: code.status,
            category: code.category.to_string(),
            title: code.title,
            meaning: code.meaning.split('`').collect(),
        }
    }
}

pub(crate) fn page() -> Result<String> {
    let mut entries: Vec<Entry> = codes::all().map(Entry::from).collect();
    entries.sort_unstable_by_key(|entry| entry.code);
    // The name's ending turns escaping on.
    Environment::new()
        .render_named_str("problems.html", TEMPLATE, context! { problems => Serde(entries) })
        .context("the page of all problems")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_place_and_nothing_comes_from_elsewhere() {
        let page = page().unwrap();
        for code in codes::all() {
            assert!(page.contains(&format!(r#"<article id="{}">"#, code.code)), "{}", code.code);
        }
        assert!(page.contains("<code>Retry-After</code>"));
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"));
    }
}
