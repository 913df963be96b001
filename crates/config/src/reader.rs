use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::{Env, Environment, Mistake, Mistakes, parse_duration};

const MISSING: &str = "is required and not set";

/// Reads variables and notes every mistake on the way.
///
/// A getter that returns `None` has noted why; [`Reader::finish`] turns the notes into an error.
pub struct Reader<'a> {
    env: &'a Env,
    environment: Environment,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    /// A reader of `env`, which has already read `WITAN_ENV`.
    pub fn new(env: &'a Env) -> Self {
        let mut reader = Self { env, environment: Environment::default(), mistakes: Vec::new() };
        // Who mistypes `production` must not be given development's defaults on top.
        reader.environment =
            reader.or("WITAN_ENV", Environment::Development).unwrap_or(Environment::Production);
        reader
    }

    /// Where the process runs.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// The value of a variable that must be set.
    pub fn required<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        match self.optional(name)? {
            Some(value) => Some(value),
            None => self.mistake(name, MISSING),
        }
    }

    /// The value of a variable, or `Some(None)` when it is not set.
    pub fn optional<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<Option<T>> {
        self.parsed(name, |text| text.parse::<T>().map_err(|error| describe(&error)))
    }

    /// The value of a variable, or `default` when it is not set.
    pub fn or<T: FromStr<Err: Display>>(&mut self, name: &str, default: T) -> Option<T> {
        Some(self.optional(name)?.unwrap_or(default))
    }

    /// The value of a variable, with a default that only development has.
    pub fn or_dev<T: FromStr<Err: Display>>(&mut self, name: &str, default: T) -> Option<T> {
        match self.optional(name)? {
            Some(value) => Some(value),
            None if self.environment.is_production() => self.mistake(name, MISSING),
            None => Some(default),
        }
    }

    /// A list separated by commas; empty when the variable is not set.
    pub fn list<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<Vec<T>> {
        let items = |text: &str| {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            items.map(|item| item.parse::<T>().map_err(|error| describe(&error))).collect()
        };
        Some(self.parsed(name, items)?.unwrap_or_default())
    }

    /// A secret that must be set.
    pub fn secret(&mut self, name: &str) -> Option<SecretString> {
        match self.optional_secret(name) {
            Some(secret) => Some(secret),
            None => self.mistake(name, MISSING),
        }
    }

    /// A secret that may be missing, which is no mistake.
    pub fn optional_secret(&mut self, name: &str) -> Option<SecretString> {
        self.env.get(name).map(SecretString::from)
    }

    /// A secret with a default that development may use and production refuses, also when it is written out.
    pub fn secret_or_dev(&mut self, name: &str, default: &str) -> Option<SecretString> {
        let production = self.environment.is_production();
        match self.env.get(name) {
            None if production => self.mistake(name, MISSING),
            Some(value) if production && value == default => {
                self.mistake(name, "still has the value from development, which everybody knows")
            }
            value => Some(SecretString::from(value.unwrap_or(default))),
        }
    }

    /// A duration such as `15m`, or `default` when the variable is not set.
    pub fn duration(&mut self, name: &str, default: Duration) -> Option<Duration> {
        let parse = |text: &str| parse_duration(text).map_err(|error| error.to_string());
        Some(self.parsed(name, parse)?.unwrap_or(default))
    }

    /// An absolute URL that must be set.
    pub fn url(&mut self, name: &str) -> Option<Url> {
        self.required(name)
    }

    /// An absolute URL, or `default` when the variable is not set.
    ///
    /// # Panics
    /// When the default itself is not a URL.
    pub fn url_or(&mut self, name: &str, default: &'static str) -> Option<Url> {
        Some(self.optional(name)?.unwrap_or_else(|| literal(name, default)))
    }

    /// An absolute URL, with a default that only development has.
    ///
    /// # Panics
    /// When the default itself is not a URL.
    pub fn url_or_dev(&mut self, name: &str, default: &'static str) -> Option<Url> {
        self.or_dev(name, literal(name, default))
    }

    /// Whether a variable is set.
    pub fn is_set(&self, name: &str) -> bool {
        self.env.get(name).is_some()
    }

    /// Notes that a variable is wrong; `why` continues a sentence that begins with its name and must not
    /// repeat its value. Returns `None`, to be returned.
    pub fn mistake<T>(&mut self, name: &str, why: impl Into<String>) -> Option<T> {
        let mistake = Mistake { name: name.to_owned(), why: why.into() };
        // Two sections may read the same variable.
        if !self.mistakes.contains(&mistake) {
            self.mistakes.push(mistake);
        }
        None
    }

    /// The configuration that `build` puts together, if nothing was wrong.
    ///
    /// # Errors
    /// With every mistake that was noted.
    ///
    /// # Panics
    /// When a section returned `None` without noting a mistake.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Mistakes> {
        if !self.mistakes.is_empty() {
            return Err(Mistakes(self.mistakes));
        }
        match build() {
            Some(config) => Ok(config),
            None => panic!("a configuration section returned None without Reader::mistake"),
        }
    }

    fn parsed<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<Option<T>> {
        let Some(text) = self.env.get(name) else {
            return Some(None);
        };
        match parse(text) {
            Ok(value) => Some(Some(value)),
            Err(why) => self.mistake(name, why),
        }
    }
}

/// Makes the text of a parser's error the end of a sentence.
fn describe(error: &impl Display) -> String {
    let text = error.to_string();
    if text.starts_with("must ") || text.starts_with("is ") { text } else { format!("is not valid: {text}") }
}

fn literal(name: &str, text: &str) -> Url {
    Url::parse(text).unwrap_or_else(|error| panic!("the default of {name} is no URL: {error}"))
}
