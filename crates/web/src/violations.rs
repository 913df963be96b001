use std::fmt::Display;

use crate::{Problem, Violation, codes};

/// Collects everything that is wrong with a request, to answer with all of it at once.
///
/// ```
/// use witan_web::Violations;
///
/// let mut violations = Violations::new();
/// let port = violations.parse("/port", "70000".parse::<u16>());
/// let size = violations.parse("/size", "12".parse::<u16>());
/// assert_eq!((port, size), (None, Some(12)));
/// let problem = violations.finish().unwrap_err();
/// assert_eq!(problem.status().as_u16(), 422);
/// ```
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Nothing is wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value, or `None` after its error was noted under `pointer`.
    pub fn parse<T, E: Display>(&mut self, pointer: impl Into<String>, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                self.push(pointer, "validation.invalid", error.to_string());
                None
            }
        }
    }

    /// Notes that something is wrong.
    pub fn push(&mut self, pointer: impl Into<String>, code: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Violation { pointer: pointer.into(), code: code.into(), detail: detail.into() });
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Goes on when nothing is wrong.
    ///
    /// # Errors
    /// 422 with everything that was noted.
    pub fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into()) }
    }

    /// What `build` makes of the values that were parsed.
    ///
    /// # Errors
    /// 422 with everything that was noted.
    pub fn build<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Problem> {
        match build() {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self.into()),
        }
    }
}

impl From<Violations> for Problem {
    fn from(violations: Violations) -> Self {
        Self::new(&codes::VALIDATION_FAILED).violations(violations.0)
    }
}
