//! Taking a new password: what it must be, and what is kept of it.

use crate::app::App;
use crate::breaches::Finding;
use crate::domain::password::{Password, PasswordError};
use crate::hashing::HashError;

/// A password that was good enough.
pub(crate) struct NewPassword {
    /// What is kept.
    pub(crate) hash: String,
    /// What was known of it.
    pub(crate) finding: Finding,
}

/// Judges and hashes the new password of the account of `address`. An attacker who knows the person would try `words`.
pub(crate) async fn take_password(
    app: &App,
    password: Password,
    address: &str,
    mut words: Vec<String>,
) -> Result<NewPassword, HashError> {
    words.extend(app.config.password_words.iter().cloned());
    let finding = app.breaches.look_up(&password).await;
    if finding == Finding::Breached {
        return Err(PasswordError::Breached.into());
    }
    let hash = app.hasher.hash(password, address, words).await?;
    Ok(NewPassword { hash, finding })
}
