//! `domain/` knows neither SQL nor HTTP nor the clock on the wall.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::sources::{members, rust_files};

/// Each with what it would let in.
const FORBIDDEN: [(&str, &str); 9] = [
    ("diesel", "SQL"),
    ("tokio_postgres", "SQL"),
    ("witan_pg", "SQL"),
    ("actix_web", "HTTP"),
    ("reqwest", "HTTP"),
    ("witan_egress", "HTTP"),
    ("lapin", "the broker"),
    ("SystemTime", "the clock on the wall"),
    ("Utc::now", "the clock on the wall"),
];

pub(super) fn check(checkout: &Path) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for service in members(checkout, "services")? {
        let mut files = rust_files(&service.join("src/domain"))?;
        files.extend(Some(service.join("src/domain.rs")).filter(|file| file.is_file()));
        for file in files {
            let shown = file.strip_prefix(checkout).unwrap_or(&file).display().to_string();
            wrong.extend(
                knows(&fs::read_to_string(&file)?).map(|(line, name, what)| {
                    format!("{shown}:{line}: a domain module knows {what} ({name})")
                }),
            );
        }
    }
    Ok(wrong)
}

fn knows(source: &str) -> impl Iterator<Item = (usize, &'static str, &'static str)> + '_ {
    source.lines().enumerate().flat_map(|(index, line)| {
        let code = line.split("//").next().unwrap_or_default();
        FORBIDDEN
            .iter()
            .filter(move |(name, _)| has_word(code, name))
            .map(move |(name, what)| (index + 1, *name, *what))
    })
}

fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        !code[..at].ends_with(is_name) && !code[at + word.len()..].starts_with(is_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_line_and_leaves_comments_and_other_words_alone() {
        let source = "use chrono::Utc;\n// diesel stores it\nlet dieselgate = 1;\nlet t = Utc::now();\n";
        assert_eq!(knows(source).collect::<Vec<_>>(), [(4, "Utc::now", "the clock on the wall")]);
    }
}
