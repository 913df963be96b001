//! Password hashing that cannot be used to exhaust the machine.
//!
//! Argon2id is made to cost: 19 MiB and tens of milliseconds a piece. So at most as many run as there are cores,
//! a bounded number waits, and whoever comes after that is told to come back (503). The work runs on blocking
//! threads; its permit travels with it, so a caller who hangs up does not free a slot that is still busy.
//!
//! A salt is a MAC of the address that the password belongs to. So one computation compares a password with the one of
//! an account and with one that somebody registered the address with, and every comparison costs the same: whether
//! there is an account, a registration, both or neither, and whether the password is right.

mod stored;

use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::hmac;
use password_hash::PasswordHasher as _;
use password_hash::phc::PasswordHash;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use self::stored::{HashUnknown, StoredHash};
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
            argon: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
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
        let (argon, salt) = (self.argon.clone(), self.salt(address));
        self.run(move || {
            let words: Vec<&str> = context.iter().map(String::as_str).collect();
            password.check_strength(&words)?;
            Ok(hash(&argon, password.expose(), &salt)?.to_string())
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
        let (argon, salt) = (self.argon.clone(), self.salt(address));
        let Candidates { own, registered } = candidates;
        let own = own.as_deref().map(StoredHash::parse).transpose()?;
        let registered = registered.as_deref().map(StoredHash::parse).transpose()?;
        self.run(move || {
            let password = password.expose_secret().as_bytes();
            compare(&argon, &salt, password, own.as_ref(), registered.as_ref())
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

fn compare(
    argon: &Argon2<'_>,
    salt: &[u8],
    password: &[u8],
    own: Option<&StoredHash>,
    registered: Option<&StoredHash>,
) -> Result<Match, HashError> {
    let output = match own {
        Some(StoredHash::Argon2(like)) => stored::again(password, like).map_err(HashError::Failed)?,
        Some(StoredHash::Bcrypt(text)) => return import(argon, salt, password, text),
        None => hash(argon, password, salt)?,
    };
    if own.is_some_and(|own| own.is(&output)) {
        let is_ours = output.salt.as_deref() == Some(salt)
            && Params::try_from(&output).is_ok_and(|params| costs(&params) == costs(argon.params()));
        let replacement = if is_ours { None } else { Some(hash(argon, password, salt)?.to_string()) };
        return Ok(Match::Own { replacement });
    }
    // Comparable only if it was made with the same salt; one for the same address was, unless the account is imported
    // or got its address later, and then until its next log-in.
    let comparable = registered.is_some_and(|hash| hash.salt() == output.salt.as_deref());
    let is_registered = comparable && registered.is_some_and(|registered| registered.is(&output));
    Ok(if is_registered { Match::Registered } else { Match::None })
}

fn costs(params: &Params) -> [u32; 3] {
    [params.m_cost(), params.t_cost(), params.p_cost()]
}

/// Compares with a bcrypt hash of another system. They cut passwords after 72 bytes, so this does too, once: the
/// replacement is made of the whole.
fn import(argon: &Argon2<'_>, salt: &[u8], password: &[u8], bcrypt: &str) -> Result<Match, HashError> {
    if !bcrypt::verify(password, bcrypt).unwrap_or(false) {
        return Ok(Match::None);
    }
    Ok(Match::Own { replacement: Some(hash(argon, password, salt)?.to_string()) })
}

fn hash(argon: &Argon2<'_>, password: &[u8], salt: &[u8]) -> Result<PasswordHash, HashError> {
    argon.hash_password_with_salt(password, salt).map_err(HashError::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "correct horse battery staple";
    const ADA: &str = "ada@example.org";

    fn hasher(slots: usize) -> Hasher {
        Hasher::new(slots, b"a secret of the installation").unwrap()
    }

    async fn stored(hasher: &Hasher, password: &str, address: &str) -> String {
        hasher.hash(Password::parse(password).unwrap(), address, vec![]).await.unwrap()
    }

    fn own(hash: impl Into<String>) -> Candidates {
        Candidates { own: Some(hash.into()), registered: None }
    }

    #[tokio::test]
    async fn a_hash_matches_its_password_only() {
        let hasher = hasher(1);
        let hash = stored(&hasher, GOOD, ADA).await;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.matches(GOOD.into(), ADA, Some(hash.clone())).await.unwrap());
        let wrong = "Correct horse battery staple";
        assert!(!hasher.matches(wrong.into(), ADA, Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn two_addresses_or_two_installations_never_share_a_salt() {
        let (one, other) = (hasher(1), Hasher::new(1, b"another secret").unwrap());
        let hash = stored(&one, GOOD, ADA).await;
        assert_ne!(stored(&one, GOOD, "eve@example.org").await, hash);
        assert_ne!(stored(&other, GOOD, ADA).await, hash);
    }

    #[tokio::test]
    async fn one_comparison_tells_the_accounts_password_from_a_registrations() {
        let hasher = hasher(1);
        let (hash, registered) =
            (stored(&hasher, GOOD, ADA).await, stored(&hasher, "what eve registered", ADA).await);
        for own in [Some(hash.clone()), None] {
            let candidates = Candidates { own, registered: Some(registered.clone()) };
            let found = hasher.compare("what eve registered".into(), ADA, candidates.clone()).await.unwrap();
            assert_eq!(found, Match::Registered);
            assert_eq!(hasher.compare("neither".into(), ADA, candidates).await.unwrap(), Match::None);
        }
        let candidates = Candidates { own: Some(hash), registered: Some(registered) };
        let found = hasher.compare(GOOD.into(), ADA, candidates).await.unwrap();
        assert_eq!(found, Match::Own { replacement: None });
    }

    #[tokio::test]
    async fn a_hash_with_another_salt_or_other_parameters_is_replaced() {
        let hasher = hasher(1);
        let before = stored(&hasher, GOOD, "ada@former.example").await;
        let light = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let light = hash(&light, GOOD.as_bytes(), &hasher.salt(ADA)).unwrap().to_string();
        let now = stored(&hasher, GOOD, ADA).await;
        for old in [before, light] {
            let found = hasher.compare(GOOD.into(), ADA, own(old)).await.unwrap();
            assert_eq!(found, Match::Own { replacement: Some(now.clone()) });
        }
    }

    #[tokio::test]
    async fn a_bcrypt_hash_of_another_system_is_compared_and_replaced() {
        let hasher = hasher(1);
        let imported = bcrypt::hash(GOOD, 4).unwrap();
        let now = stored(&hasher, GOOD, ADA).await;
        let found = hasher.compare(GOOD.into(), ADA, own(imported.clone())).await.unwrap();
        assert_eq!(found, Match::Own { replacement: Some(now) });
        assert_eq!(hasher.compare("another".into(), ADA, own(imported)).await.unwrap(), Match::None);
    }

    #[tokio::test]
    async fn without_an_account_nothing_matches() {
        assert!(!hasher(1).matches(GOOD.into(), ADA, None).await.unwrap());
    }

    #[tokio::test]
    async fn a_weak_password_is_not_hashed() {
        let refused = hasher(1).hash(Password::parse("password1").unwrap(), ADA, vec![]).await;
        assert!(matches!(refused, Err(HashError::Refused(PasswordError::Weak(_)))));
    }

    #[tokio::test]
    async fn a_broken_stored_hash_is_an_error_and_no_match() {
        let broken = hasher(1).matches(GOOD.into(), ADA, Some("$argon2id$nonsense".into())).await;
        assert!(matches!(broken, Err(HashError::Unknown(_))));
    }

    #[tokio::test]
    async fn past_the_queue_callers_are_turned_away_and_places_come_back() {
        let hasher = hasher(1);
        let places: Vec<_> =
            (0..=QUEUE_PER_SLOT).map(|_| hasher.admitted.clone().try_acquire_owned().unwrap()).collect();
        let refused = hasher.matches(GOOD.into(), ADA, None).await;
        assert!(matches!(refused, Err(HashError::Overloaded)));
        drop(places);
        assert!(hasher.matches(GOOD.into(), ADA, None).await.is_ok());
    }

    #[tokio::test]
    async fn at_most_as_many_run_as_there_are_slots() {
        let mut hasher = hasher(1);
        hasher.longest_wait = Duration::from_millis(20);
        let busy = hasher.running.clone().try_acquire_owned().unwrap();
        let refused = hasher.matches(GOOD.into(), ADA, None).await;
        assert!(matches!(refused, Err(HashError::Overloaded)), "waited in vain");
        drop(busy);
    }
}
