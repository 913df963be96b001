//! What a caller is told when a password was not hashed or compared.

use std::time::Duration;

use witan_web::{Problem, codes};

use crate::domain::password::PasswordError;
use crate::hashing::HashError;

/// `pointer` is where the password stands in the request.
pub(super) fn hashing_problem(error: HashError, pointer: &str) -> Problem {
    match error {
        HashError::Overloaded => Problem::new(&codes::auth::BUSY).retry_after(Duration::from_secs(1)),
        HashError::Refused(refused) => {
            let code = match refused {
                PasswordError::Weak(_) => "auth.password_weak",
                PasswordError::Breached => "auth.password_breached",
                PasswordError::TooShort | PasswordError::TooLong => "validation.invalid",
            };
            Problem::new(&codes::VALIDATION_FAILED).violation(pointer, code, refused.to_string())
        }
        error => Problem::internal(error),
    }
}
