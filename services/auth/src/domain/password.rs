//! Which passwords are good enough.
//!
//! No composition rules and no forced change (NIST SP 800-63B-4): length, and an estimate of how many guesses
//! an attacker needs who knows the person's name and address.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use zxcvbn::{Score, zxcvbn};

/// Fewest characters.
pub const MIN_PASSWORD: usize = 8;
/// Most characters. Every one counts: nothing is cut off before hashing.
pub const MAX_PASSWORD: usize = 128;

/// The estimator's cost grows faster than linearly; past this many characters the verdict no longer changes.
const ESTIMATED_CHARS: usize = 72;
const PRODUCT_WORDS: [&str; 1] = ["witan"];

/// A password of acceptable length. Its strength is judged separately, because that takes milliseconds.
#[derive(Clone)]
pub struct Password(SecretString);

/// Why a text cannot be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`MIN_PASSWORD`] characters.
    #[error("must have at least 8 characters")]
    TooShort,
    /// More than [`MAX_PASSWORD`] characters.
    #[error("must have at most 128 characters")]
    TooLong,
    /// Guessable; carries advice for the person.
    #[error("is too easy to guess. {0}")]
    Weak(String),
    /// In a list of passwords that attackers have.
    #[error("is known from a data breach: attackers try it first")]
    Breached,
}

impl Password {
    /// # Errors
    /// [`PasswordError::TooShort`] or [`PasswordError::TooLong`].
    pub fn parse(text: &str) -> Result<Self, PasswordError> {
        match text.chars().count() {
            0..MIN_PASSWORD => Err(PasswordError::TooShort),
            MIN_PASSWORD..=MAX_PASSWORD => Ok(Self(SecretString::from(text))),
            _ => Err(PasswordError::TooLong),
        }
    }

    /// The bytes to hash.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }

    /// Judges the strength, given words an attacker would try first. Takes milliseconds: keep it off the
    /// threads that serve requests.
    ///
    /// # Errors
    /// [`PasswordError::Weak`] below a score of 3 of 4.
    pub fn check_strength(&self, context: &[&str]) -> Result<(), PasswordError> {
        let text: String = self.0.expose_secret().chars().take(ESTIMATED_CHARS).collect();
        let words: Vec<&str> = context.iter().copied().chain(PRODUCT_WORDS).collect();
        let estimate = zxcvbn(&text, &words);
        if estimate.score() >= Score::Three {
            return Ok(());
        }
        Err(PasswordError::Weak(advice(estimate.feedback())))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

fn advice(feedback: Option<&zxcvbn::feedback::Feedback>) -> String {
    let Some(feedback) = feedback else {
        return "Use a few uncommon words.".to_owned();
    };
    let warning = feedback.warning().map(|warning| warning.to_string());
    let suggestions = feedback.suggestions().iter().map(ToString::to_string);
    warning.into_iter().chain(suggestions).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weak(text: &str, context: &[&str]) -> bool {
        let verdict = Password::parse(text).unwrap().check_strength(context);
        matches!(verdict, Err(PasswordError::Weak(advice)) if !advice.is_empty())
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(Password::parse("ü2345678".get(..8).unwrap()).unwrap_err(), PasswordError::TooShort);
        assert!(Password::parse(&"ü".repeat(8)).is_ok());
        assert!(Password::parse(&"ü".repeat(128)).is_ok());
        assert_eq!(Password::parse(&"u".repeat(129)).unwrap_err(), PasswordError::TooLong);
    }

    #[test]
    fn common_and_personal_words_are_weak() {
        assert!(weak("password1", &[]));
        assert!(weak("witanwitan", &[]));
        assert!(weak("lovelace1815", &["lovelace1815@example.org", "lovelace1815"]));
        assert!(Password::parse("correct horse battery staple").unwrap().check_strength(&[]).is_ok());
    }

    #[test]
    fn the_longest_password_is_judged_quickly() {
        let text = "aA1!".repeat(32);
        let started = std::time::Instant::now();
        let _ = Password::parse(&text).unwrap().check_strength(&[]);
        assert!(started.elapsed() < std::time::Duration::from_secs(2));
    }

    #[test]
    fn debug_output_does_not_show_it() {
        assert!(!format!("{:?}", Password::parse("correct horse").unwrap()).contains("horse"));
    }
}
