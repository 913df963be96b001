//! Which issuers beside our own are trusted.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::{AccessError, OutsideTokenSource};

/// How long the list is used before it is fetched again.
const TTL: Duration = Duration::from_secs(5 * 60);
/// How long to wait after a fetch that failed, while an older list is used.
const PAUSE: Duration = Duration::from_secs(10);
/// The same while nothing is known at all.
const PAUSE_AT_START: Duration = Duration::from_millis(500);
/// How long a caller waits for the first list.
const DEADLINE: Duration = Duration::from_secs(2);

/// The list, fetched when a token first speaks of another issuer than ours, by one caller at a time.
pub(crate) struct Issuers {
    own: String,
    source: Arc<dyn OutsideTokenSource>,
    known: RwLock<Known>,
    fetching: Mutex<()>,
}

#[derive(Default)]
struct Known {
    trusted: Option<Vec<String>>,
    /// Before this nobody asks again.
    not_before: Option<Instant>,
}

impl Issuers {
    pub(crate) fn new(own: &str, source: Arc<dyn OutsideTokenSource>) -> Self {
        Self { own: own.to_owned(), source, known: RwLock::default(), fetching: Mutex::default() }
    }

    /// Whether tokens of the issuer are taken beside our own.
    ///
    /// A list that is no longer fresh is used while somebody else fetches, and when fetching fails.
    pub(crate) async fn trust(&self, issuer: &str) -> Result<bool, AccessError> {
        if issuer == self.own {
            return Ok(false);
        }
        let (known, due) = self.look_up(issuer);
        match (known, due) {
            (Some(trusted), false) => Ok(trusted),
            (Some(trusted), true) => {
                let Ok(_turn) = self.fetching.try_lock() else { return Ok(trusted) };
                if let Err(error) = self.fetch().await {
                    tracing::warn!(%error, "using a list of issuers that is no longer fresh");
                }
                Ok(self.look_up(issuer).0.unwrap_or(trusted))
            }
            (None, _) => {
                let _turn = self.fetching.lock().await;
                self.fetch().await?;
                self.look_up(issuer).0.ok_or_else(never_fetched)
            }
        }
    }

    /// Whether it is on the list, if there is one, and whether it is time to fetch.
    fn look_up(&self, issuer: &str) -> (Option<bool>, bool) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let trusted = known.trusted.as_ref().map(|list| list.iter().any(|one| one == issuer));
        (trusted, known.not_before.is_none_or(|at| Instant::now() >= at))
    }

    /// Fetches, unless somebody just did. Whatever comes of it, it is not tried again at once.
    async fn fetch(&self) -> Result<(), AccessError> {
        if !self.look_up("").1 {
            return Ok(());
        }
        let asked = tokio::time::timeout(DEADLINE, self.source.issuers()).await;
        let answer = asked.unwrap_or_else(|late| Err(AccessError::unavailable("trusted issuers", late)));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let pause = match (&answer, &known.trusted) {
            (Ok(_), _) => TTL,
            (Err(_), Some(_)) => PAUSE,
            (Err(_), None) => PAUSE_AT_START,
        };
        known.not_before = Some(Instant::now() + pause);
        known.trusted = Some(answer?);
        Ok(())
    }
}

fn never_fetched() -> AccessError {
    AccessError::unavailable("trusted issuers", "they could not be fetched a moment ago")
}
