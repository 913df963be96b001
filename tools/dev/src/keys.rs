use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use witan_clock::Clock;

use crate::account::private_file;

/// Generated secrets, kept in a file only its owner reads. A name is generated the
/// first time it is asked for and is the same ever after.
pub(crate) struct KeyRing {
    values: BTreeMap<String, String>,
    clock: Clock,
}

impl KeyRing {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
        };
        Ok(Self { values: parse(&text), clock: Clock::system() })
    }

    pub(crate) fn save(&self, path: &Path) -> Result<()> {
        let mut text = String::from(
            "# Secrets of this private installation, generated once. Remove the whole folder to begin anew.\n",
        );
        for (name, value) in &self.values {
            writeln!(text, "{name}={value}")?;
        }
        private_file(path, &text, None)
    }

    /// 128 random bits in hexadecimal: fits into URLs and configuration files as it is.
    pub(crate) fn password(&mut self, name: &str) -> String {
        let bytes = self.clock.random::<16>();
        let fresh = || {
            bytes.iter().fold(String::new(), |mut text, b| {
                let _ = write!(text, "{b:02x}");
                text
            })
        };
        self.values.entry(name.to_owned()).or_insert_with(fresh).clone()
    }

    /// 256 random bits in base64.
    pub(crate) fn key(&mut self, name: &str) -> String {
        let bytes = self.clock.random::<32>();
        self.values.entry(name.to_owned()).or_insert_with(|| BASE64_STANDARD.encode(bytes)).clone()
    }
}

/// `NAME=value` lines; everything after the first `=` is the value.
pub(crate) fn parse(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_stays_the_same_once_generated() {
        let path = std::env::temp_dir().join(format!("witan-keys-{}", std::process::id()));
        let mut ring = KeyRing::open(&path).unwrap();
        let (password, key) = (ring.password("A"), ring.key("B"));
        ring.save(&path).unwrap();
        let mut again = KeyRing::open(&path).unwrap();
        assert_eq!((again.password("A"), again.key("B")), (password, key));
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn values_may_contain_equals_signs_and_comments_are_left_out() {
        let values = parse("# no\nA = b=c\nQ=\"x y\"\n");
        assert_eq!(values["A"], "b=c");
        assert_eq!(values["Q"], "x y");
        assert_eq!(values.len(), 2);
    }
}
