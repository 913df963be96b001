//! Password hashing that cannot be used to exhaust the machine.
//!
//! Argon2id is made to cost: 19 MiB and tens of milliseconds a piece. So at most as many run as there are cores,
//! a bounded number waits, and whoever comes after that is told to come back (503). The work runs on blocking
//! threads; its permit travels with it, so a caller who hangs up does not free a slot that is still busy.

use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use password_hash::{PasswordHasher as _, PasswordVerifier as _};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use witan_clock::Clock;

use crate::domain::password::{Password, PasswordError};

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Waiting places for each running hash: about a second's worth of work.
const QUEUE_PER_SLOT: usize = 16;
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Hashes and compares passwords, a few at a time.
#[derive(Clone)]
pub struct Hasher {
    argon: Argon2<'static>,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    /// Compared against when there is no account, with the same parameters, so that the cost is the same.
    dummy: Arc<str>,
    longest_wait: Duration,
    clock: Clock,
}

/// Why there is no hash or no verdict.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many are waiting already.
    #[error("password hashing is saturated")]
    Overloaded,
    /// The password is not good enough.
    #[error(transparent)]
    Refused(#[from] PasswordError),
    /// Argon2 or the stored hash is broken.
    #[error("password hashing failed")]
    Failed(#[source] password_hash::Error),
    /// The thread that did the work is gone.
    #[error("the hashing thread ended")]
    Interrupted(#[source] tokio::task::JoinError),
}

impl Hasher {
    /// A hasher that runs at most `slots` at once.
    ///
    /// # Errors
    /// When argon2 refuses its parameters.
    pub fn new(slots: usize, clock: &Clock) -> Result<Self, HashError> {
        let params =
            Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| HashError::Failed(error.into()))?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = hash(&argon, &clock.random::<16>(), &clock.random())?;
        Ok(Self {
            argon,
            running: Arc::new(Semaphore::new(slots)),
            admitted: Arc::new(Semaphore::new(slots * (1 + QUEUE_PER_SLOT))),
            dummy: dummy.into(),
            longest_wait: LONGEST_WAIT,
            clock: clock.clone(),
        })
    }

    /// The hash of a new password, as a PHC string, after judging its strength against the words in `context`.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn hash(&self, password: Password, context: Vec<String>) -> Result<String, HashError> {
        let (argon, salt) = (self.argon.clone(), self.clock.random());
        self.run(move || {
            let words: Vec<&str> = context.iter().map(String::as_str).collect();
            password.check_strength(&words)?;
            hash(&argon, password.expose(), &salt)
        })
        .await
    }

    /// Whether the password is the stored one. Without a stored hash the answer is no, at the same cost.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn matches(&self, password: SecretString, stored: Option<String>) -> Result<bool, HashError> {
        let argon = self.argon.clone();
        let exists = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.dummy.to_string());
        self.run(move || {
            let bytes = password.expose_secret().as_bytes();
            match argon.verify_password(bytes, stored.as_str()) {
                Ok(()) => Ok(exists),
                Err(password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(HashError::Failed(error)),
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let permits = self.admit().await?;
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || {
            let _permits = permits;
            span.in_scope(work)
        })
        .await
        .map_err(HashError::Interrupted)?
    }

    async fn admit(&self) -> Result<[OwnedSemaphorePermit; 2], HashError> {
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| HashError::Overloaded)?;
        let running = self.running.clone().acquire_owned();
        match tokio::time::timeout(self.longest_wait, running).await {
            Ok(Ok(running)) => Ok([running, admitted]),
            Ok(Err(_)) | Err(_) => Err(HashError::Overloaded),
        }
    }
}

fn hash(argon: &Argon2<'_>, password: &[u8], salt: &[u8; 16]) -> Result<String, HashError> {
    let hash = argon.hash_password_with_salt(password, salt).map_err(HashError::Failed)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "correct horse battery staple";

    fn hasher(slots: usize) -> Hasher {
        Hasher::new(slots, &Clock::system()).unwrap()
    }

    #[tokio::test]
    async fn a_hash_matches_its_password_only() {
        let hasher = hasher(1);
        let stored = hasher.hash(Password::parse(GOOD).unwrap(), vec![]).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(hasher.matches(GOOD.into(), Some(stored.clone())).await.unwrap());
        assert!(!hasher.matches("Correct horse battery staple".into(), Some(stored)).await.unwrap());
    }

    #[tokio::test]
    async fn without_an_account_nothing_matches() {
        assert!(!hasher(1).matches(GOOD.into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_weak_password_is_not_hashed() {
        let refused = hasher(1).hash(Password::parse("password1").unwrap(), vec![]).await;
        assert!(matches!(refused, Err(HashError::Refused(PasswordError::Weak(_)))));
    }

    #[tokio::test]
    async fn a_broken_stored_hash_is_an_error_and_no_match() {
        let broken = hasher(1).matches(GOOD.into(), Some("$argon2id$nonsense".into())).await;
        assert!(matches!(broken, Err(HashError::Failed(_))));
    }

    #[tokio::test]
    async fn past_the_queue_callers_are_turned_away_and_places_come_back() {
        let hasher = hasher(1);
        let places: Vec<_> =
            (0..=QUEUE_PER_SLOT).map(|_| hasher.admitted.clone().try_acquire_owned().unwrap()).collect();
        let refused = hasher.matches(GOOD.into(), None).await;
        assert!(matches!(refused, Err(HashError::Overloaded)));
        drop(places);
        assert!(hasher.matches(GOOD.into(), None).await.is_ok());
    }

    #[tokio::test]
    async fn at_most_as_many_run_as_there_are_slots() {
        let mut hasher = hasher(1);
        hasher.longest_wait = Duration::from_millis(20);
        let busy = hasher.running.clone().try_acquire_owned().unwrap();
        let refused = hasher.matches(GOOD.into(), None).await;
        assert!(matches!(refused, Err(HashError::Overloaded)), "waited in vain");
        drop(busy);
    }
}
