//! `.env.example` documents exactly the variables that programs read.
//!
//! What is read is found in the sources: string literals that are the first argument of a method of the
//! configuration's reader, called `r` or `reader`; the second of a
//! helper that takes it first; a constant `NAME`; and names built from a service's prefix.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::sources::{members, rust_files};
use crate::gateway::table::SERVICES;
use crate::up::installation::documented;

/// Read by this tool, by the gateway or by a library, not through the reader.
const ELSEWHERE: [&str; 5] = [
    "GATEWAY_TLS_CERTIFICATE",
    "GATEWAY_TLS_KEY",
    "OTEL_BSP_SCHEDULE_DELAY",
    "WITAN_PORT_OFFSET",
    "WITAN_TRACES_LISTEN",
];

pub(super) fn check(checkout: &Path) -> Result<Vec<String>> {
    let mut read: BTreeSet<String> = ELSEWHERE.iter().map(|name| (*name).to_owned()).collect();
    for group in ["crates", "services"] {
        for member in members(checkout, group)? {
            for file in rust_files(&member.join("src"))? {
                let is_test =
                    file.components().any(|c| c.as_os_str() == "tests.rs" || c.as_os_str() == "tests");
                if !is_test {
                    read.extend(names(&fs::read_to_string(file)?));
                }
            }
        }
    }
    Ok(compare(&read, &documented().map(str::to_owned).collect()))
}

fn compare(read: &BTreeSet<String>, documented: &BTreeSet<String>) -> Vec<String> {
    let missing = read.difference(documented).map(|name| format!("{name} is read and not in .env.example"));
    let idle =
        documented.difference(read).map(|name| format!("{name} is in .env.example and nobody reads it"));
    missing.chain(idle).collect()
}

fn names(source: &str) -> Vec<String> {
    // Tests at the end of a file read names of their own.
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for (at, _) in source.match_indices("\"") {
        let literal = source[at + 1..].split('"').next().unwrap_or_default();
        let before = source[..at].trim_end();
        if is_variable(literal) && is_readers_argument(before) {
            found.push(literal.to_owned());
        }
        if let Some(suffix) = literal.strip_prefix("{prefix}_").filter(|suffix| is_variable(suffix)) {
            found.extend(SERVICES.iter().map(|service| format!("{}_{suffix}", service.to_uppercase())));
        }
    }
    found
}

fn is_variable(text: &str) -> bool {
    text.len() > 2 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether the text ends with `r.method(`, `r.method::<T>(`, `helper(r, ` or `const NAME: &str =`.
fn is_readers_argument(before: &str) -> bool {
    if before.ends_with("(r,") || before.ends_with("const NAME: &str =") {
        return true;
    }
    let Some(call) = before.strip_suffix('(') else { return false };
    let path = call.trim_end_matches(|c: char| c.is_alphanumeric() || "_:<>".contains(c));
    let Some(receiver) = path.strip_suffix('.').map(str::trim_end) else { return false };
    ["r", "reader"].iter().any(|name| {
        let rest = receiver.strip_suffix(name);
        rest.is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_the_reader_is_asked_for() {
        let source = r#"
            let url = r.required::<Url>("REDIS_URL");
            let log = r
                .or("WITAN_LOG", "info".to_owned());
            let ttl = read_delta(r, "AUTH_TTL", TTL);
            const NAME: &str = "AMQP_URL";
            other.get("NOT_READ"); let x = "NEITHER_THIS";
            let listen = r.or(&format!("{prefix}_LISTEN"), local(port));
            #[cfg(test)] mod tests { fn x() { r.or("ONLY_IN_TESTS", 1); } }
        "#;
        let found = names(source);
        assert_eq!(found[..4], ["REDIS_URL", "WITAN_LOG", "AUTH_TTL", "AMQP_URL"]);
        assert_eq!(found.len(), 4 + SERVICES.len());
        assert!(found.contains(&"AUTH_LISTEN".to_owned()));
    }
}
