//! Language tags, parsed once at the edge.

use std::collections::HashSet;

/// Longest tag that software must be ready for (RFC 5646 §4.4.1).
pub const MAX_LOCALE: usize = 35;

/// A well-formed language tag (BCP 47), in the usual spelling: `de-Latn-CH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale(String);

/// Why a text is no language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LocaleError {
    /// More than [`MAX_LOCALE`] characters.
    #[error("must not be longer than 35 characters")]
    TooLong,
    /// It does not follow the grammar of RFC 5646 §2.1, such as `en_US`.
    #[error("must be a language tag of BCP 47, such as de-CH")]
    Malformed,
}

impl Locale {
    /// Takes what is well-formed; whether its parts are registered is not asked.
    ///
    /// # Errors
    /// See [`LocaleError`].
    pub fn parse(text: &str) -> Result<Self, LocaleError> {
        if text.len() > MAX_LOCALE {
            return Err(LocaleError::TooLong);
        }
        let parts: Vec<&str> = text.split('-').collect();
        let well_formed = parts.iter().all(|part| is_subtag(part)) && follows_the_grammar(&parts);
        if well_formed { Ok(Self(spell(&parts))) } else { Err(LocaleError::Malformed) }
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_subtag(part: &str) -> bool {
    (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// `langtag` of RFC 5646 §2.1, less the private and grandfathered tags that stand alone.
fn follows_the_grammar(parts: &[&str]) -> bool {
    let Some((language, mut rest)) = parts.split_first() else { return false };
    if !(is_alpha(language, 2..=3) || is_alpha(language, 5..=8)) {
        return false;
    }
    if language.len() <= 3 {
        rest = skip(rest, 3, |part| is_alpha(part, 3..=3));
    }
    rest = skip(rest, 1, |part| is_alpha(part, 4..=4));
    rest = skip(rest, 1, |part| is_alpha(part, 2..=2) || (part.len() == 3 && is_digits(part)));
    let variants = rest.iter().take_while(|part| is_variant(part)).count();
    are_distinct(&rest[..variants]) && are_extensions(&rest[variants..])
}

/// What follows up to `most` parts of a kind.
fn skip<'a, 'b>(parts: &'a [&'b str], most: usize, is_one: impl Fn(&str) -> bool) -> &'a [&'b str] {
    let count = parts.iter().take(most).take_while(|part| is_one(part)).count();
    &parts[count..]
}

fn is_alpha(part: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_digits(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_variant(part: &str) -> bool {
    part.len() >= 5 || (part.len() == 4 && part.starts_with(|c: char| c.is_ascii_digit()))
}

fn are_distinct(parts: &[&str]) -> bool {
    let mut seen = HashSet::new();
    parts.iter().all(|part| seen.insert(part.to_ascii_lowercase()))
}

/// `-u-co-phonebk`, each singleton once; after `-x-` anything may stand.
fn are_extensions(parts: &[&str]) -> bool {
    let mut singletons = HashSet::new();
    let mut rest = parts;
    while let Some((singleton, after)) = rest.split_first() {
        let singleton = singleton.to_ascii_lowercase();
        if singleton == "x" {
            return !after.is_empty();
        }
        let length = after.iter().take_while(|part| part.len() >= 2).count();
        if singleton.len() != 1 || length == 0 || !singletons.insert(singleton) {
            return false;
        }
        rest = &after[length..];
    }
    true
}

/// RFC 5646 §2.1.1: regions in upper case, scripts capitalised, all else in lower case.
fn spell(parts: &[&str]) -> String {
    let mut spelled = String::new();
    let mut after_singleton = false;
    for (index, part) in parts.iter().enumerate() {
        let lower = part.to_ascii_lowercase();
        let inside = index > 0 && !after_singleton;
        after_singleton |= part.len() == 1;
        if index > 0 {
            spelled.push('-');
        }
        match part.len() {
            2 if inside => spelled.push_str(&part.to_ascii_uppercase()),
            4 if inside => {
                spelled.push_str(&lower[..1].to_ascii_uppercase());
                spelled.push_str(&lower[1..]);
            }
            _ => spelled.push_str(&lower),
        }
    }
    spelled
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_tags_and_spells_them_as_usual() {
        let cases = [
            ("en", "en"),
            ("DE-ch", "de-CH"),
            ("zh-HANT-tw", "zh-Hant-TW"),
            ("zh-cmn-hans-cn", "zh-cmn-Hans-CN"),
            ("es-419", "es-419"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("de-CH-1901", "de-CH-1901"),
            ("de-DE-u-CO-phonebk", "de-DE-u-co-phonebk"),
            ("en-x-Twain", "en-x-twain"),
        ];
        for (text, spelled) in cases {
            assert_eq!(Locale::parse(text).unwrap().as_str(), spelled);
        }
    }

    #[test]
    fn refuses_what_is_none() {
        let wrong = [
            "",
            "e",
            "en_US",
            "en-",
            "-en",
            "en--US",
            "x-twain",
            "abcd",
            "en-US-US",
            "de-1901-1901",
            "en-u",
            "en-a-bb-a-cc",
            "en-x",
            "123",
            "en-US ",
            "français",
            "../etc",
            "en\n",
        ];
        for text in wrong {
            assert_eq!(Locale::parse(text), Err(LocaleError::Malformed), "{text:?}");
        }
        assert_eq!(Locale::parse(&"a-".repeat(20)), Err(LocaleError::TooLong));
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(text in "\\PC{0,40}|[a-zA-Z0-9-]{0,36}") {
            if let Ok(locale) = Locale::parse(&text) {
                prop_assert_eq!(Locale::parse(locale.as_str()).unwrap(), locale);
            }
        }
    }
}
