//! Turning bodies into domain types, naming every violation at once.

use witan_web::{Problem, codes};

use crate::domain::email::EmailAddress;
use crate::domain::name::DisplayName;
use crate::domain::password::{Password, PasswordError};
use crate::hashing::HashError;

/// Collects violations; hands out values when there are none.
#[derive(Default)]
pub(super) struct Parse(Vec<(&'static str, &'static str, String)>);

impl Parse {
    pub(super) fn email(&mut self, text: &str) -> Option<EmailAddress> {
        self.keep("/email", "email", EmailAddress::parse(text))
    }

    pub(super) fn name(&mut self, text: &str) -> Option<DisplayName> {
        self.keep("/name", "name", DisplayName::parse(text))
    }

    pub(super) fn password(&mut self, text: &str) -> Option<Password> {
        self.keep("/password", "password", Password::parse(text))
    }

    fn keep<T, E: std::fmt::Display>(
        &mut self,
        pointer: &'static str,
        code: &'static str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        parsed.map_err(|error| self.0.push((pointer, code, error.to_string()))).ok()
    }

    /// The problem that names every violation.
    pub(super) fn refuse(self) -> Problem {
        self.0.into_iter().fold(Problem::new(&codes::VALIDATION_FAILED), |problem, (pointer, code, detail)| {
            problem.violation(pointer, code, detail)
        })
    }
}

/// What a caller is told when a password was not hashed or compared.
pub(super) fn hashing_problem(error: HashError) -> Problem {
    match error {
        HashError::Overloaded => Problem::new(&codes::auth::BUSY).header("retry-after", "1"),
        HashError::Refused(refused @ PasswordError::Weak(_)) => {
            Problem::new(&codes::VALIDATION_FAILED).violation("/password", "password_weak", refused.to_string())
        }
        HashError::Refused(refused) => {
            Problem::new(&codes::VALIDATION_FAILED).violation("/password", "password", refused.to_string())
        }
        error => Problem::internal(error),
    }
}
