//! What a caller is told when a password was not hashed or compared.

use std::time::Duration;

use witan_web::{Problem, codes};

use crate::domain::password::PasswordError;
use crate::hashing::HashError;

pub(super) fn hashing_problem(error: HashError) -> Problem {
    match error {
        HashError::Overloaded => Problem::new(&codes::auth::BUSY).retry_after(Duration::from_secs(1)),
        HashError::Refused(refused) => {
            let code = match refused {
                PasswordError::Weak(_) => "auth.password_weak",
                PasswordError::TooShort | PasswordError::TooLong => "validation.invalid",
            };
            Problem::new(&codes::VALIDATION_FAILED).violation("/password", code, refused.to_string())
        }
        error => Problem::internal(error),
    }
}
