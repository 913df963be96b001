//! Password hashing that cannot be used to exhaust the machine.
//!
//! Argon2id is made to cost: 19 MiB and tens of milliseconds a piece. So at most as many run as there are cores,
//! a bounded number waits, and whoever comes after that is told to come back (503). The work runs on blocking
//! threads; its permit travels with it, so a caller who hangs up does not free a slot that is still busy.
//!
//! A salt is a MAC of the address that the password belongs to. So one computation compares a password with the one of
//! an account and with one that somebody registered the address with, and every comparison costs the same: whether
//! there is an account, a registration, both or neither, and whether the password is right.

mod compute;
mod memory;
mod stored;

use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::Params;
use aws_lc_rs::hmac;
use password_hash::phc::PasswordHash;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use self::compute::{again, hash};
use self::memory::Memory;
pub use self::stored::{HashUnknown, StoredHash};
use crate::domain::password::{Password, PasswordError};

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Waiting places for each running hash: about a second's worth of work.
const QUEUE_PER_SLOT: usize = 16;
/// After how long without use memory is given back: twice this at most.
const REST: Duration = Duration::from_secs(15);
const LONGEST_WAIT: Duration = Duration::from_secs(3);

/// Hashes and compares passwords, a few at a time.
#[derive(Clone)]
pub struct Hasher {
    params: Params,
    memory: Memory,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    salts: hmac::Key,
    longest_wait: Duration,
}

/// Length of a salt in bytes.
const SALT: usize = 16;

/// What a password is compared with.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// The account's own hash.
    pub own: Option<String>,
    /// The hash of the newest registration of the address.
    pub registered: Option<String>,
}

/// Whose password it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// Nobody's.
    None,
    /// The account's. A hash that is not as we make them now comes with one to replace it.
    Own {
        /// What to keep instead.
        replacement: Option<String>,
    },
    /// That of a registration; it opens nothing.
    Registered,
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
    /// Argon2 is broken.
    #[error("password hashing failed")]
    Failed(#[source] password_hash::Error),
    /// The stored hash is none.
    #[error("what is stored is no password hash")]
    Unknown(#[from] HashUnknown),
    /// The thread that did the work is gone.
    #[error("the hashing thread ended")]
    Interrupted(#[source] tokio::task::JoinError),
}

impl Hasher {
    /// A hasher that runs at most `slots` at once, and makes its salts with `secret`.
    ///
    /// # Errors
    /// When argon2 refuses its parameters.
    pub fn new(slots: usize, secret: &[u8]) -> Result<Self, HashError> {
        let params =
            Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| HashError::Failed(error.into()))?;
        Ok(Self {
            memory: Memory::of(params.block_count()),
            params,
            running: Arc::new(Semaphore::new(slots)),
            admitted: Arc::new(Semaphore::new(slots * (1 + QUEUE_PER_SLOT))),
            salts: hmac::Key::new(hmac::HMAC_SHA256, secret),
            longest_wait: LONGEST_WAIT,
        })
    }

    /// The hash of a new password for the account of `address`, as a PHC string, after judging its strength against the
    /// words in `context`.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn hash(
        &self,
        password: Password,
        address: &str,
        context: Vec<String>,
    ) -> Result<String, HashError> {
        let salt = self.salt(address);
        self.run(move |hasher| {
            let words: Vec<&str> = context.iter().map(String::as_str).collect();
            password.check_strength(&words)?;
            Ok(hasher.compute(password.expose(), &salt)?.to_string())
        })
        .await
    }

    /// Whose of the candidates the password is, for the account of `address`. Without candidates the cost is the same.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn compare(
        &self,
        password: SecretString,
        address: &str,
        candidates: Candidates,
    ) -> Result<Match, HashError> {
        let salt = self.salt(address);
        let Candidates { own, registered } = candidates;
        let own = own.as_deref().map(StoredHash::parse).transpose()?;
        let registered = registered.as_deref().map(StoredHash::parse).transpose()?;
        self.run(move |hasher| {
            let password = password.expose_secret().as_bytes();
            hasher.find(&salt, password, own.as_ref(), registered.as_ref())
        })
        .await
    }

    /// Whether the password is the one that `stored` was made of, for the account of `address`.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn matches(
        &self,
        password: SecretString,
        address: &str,
        stored: Option<String>,
    ) -> Result<bool, HashError> {
        let candidates = Candidates { own: stored, registered: None };
        Ok(matches!(self.compare(password, address, candidates).await?, Match::Own { .. }))
    }

    fn salt(&self, address: &str) -> [u8; SALT] {
        let tag = hmac::sign(&self.salts, address.as_bytes());
        std::array::from_fn(|index| tag.as_ref()[index])
    }

    /// Gives back, while nobody logs in, the memory that hashes are made in. Ends with the process.
    pub async fn give_back(self, stopping: CancellationToken) {
        while stopping.run_until_cancelled(tokio::time::sleep(REST)).await.is_some() {
            self.memory.release(REST, Instant::now());
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let permits = self.admit().await?;
        let (hasher, span) = (self.clone(), tracing::Span::current());
        tokio::task::spawn_blocking(move || {
            let _permits = permits;
            span.in_scope(|| work(&hasher))
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

    fn find(
        &self,
        salt: &[u8],
        password: &[u8],
        own: Option<&StoredHash>,
        registered: Option<&StoredHash>,
    ) -> Result<Match, HashError> {
        let output = match own {
            Some(StoredHash::Argon2(like)) => {
                again(&self.memory, password, like).map_err(HashError::Failed)?
            }
            Some(StoredHash::Bcrypt(text)) => return self.import(salt, password, text),
            None => self.compute(password, salt)?,
        };
        if own.is_some_and(|own| own.is(&output)) {
            let is_ours = output.salt.as_deref() == Some(salt)
                && Params::try_from(&output).is_ok_and(|params| costs(&params) == costs(&self.params));
            let replacement = if is_ours { None } else { Some(self.compute(password, salt)?.to_string()) };
            return Ok(Match::Own { replacement });
        }
        // Comparable only if it was made with the same salt; one for the same address was, unless the account is imported
        // or got its address later, and then until its next log-in.
        let comparable = registered.is_some_and(|hash| hash.salt() == output.salt.as_deref());
        let is_registered = comparable && registered.is_some_and(|registered| registered.is(&output));
        Ok(if is_registered { Match::Registered } else { Match::None })
    }

    /// Compares with a bcrypt hash of another system. They cut passwords after 72 bytes, so this does too, once: the
    /// replacement is made of the whole.
    fn import(&self, salt: &[u8], password: &[u8], bcrypt: &str) -> Result<Match, HashError> {
        if !bcrypt::verify(password, bcrypt).unwrap_or(false) {
            return Ok(Match::None);
        }
        Ok(Match::Own { replacement: Some(self.compute(password, salt)?.to_string()) })
    }

    fn compute(&self, password: &[u8], salt: &[u8]) -> Result<PasswordHash, HashError> {
        hash(&self.params, &self.memory, password, salt).map_err(HashError::Failed)
    }
}

fn costs(params: &Params) -> [u32; 3] {
    [params.m_cost(), params.t_cost(), params.p_cost()]
}

#[cfg(test)]
mod tests;
