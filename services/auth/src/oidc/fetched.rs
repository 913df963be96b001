//! Something that another party publishes, kept.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use witan_clock::Clock;

use super::OidcError;

/// How long it is used before it is fetched again.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// How long it is used while it cannot be fetched.
const USABLE: TimeDelta = TimeDelta::hours(24);
/// How long to wait after a fetch before what is missing in it may ask for another.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// The same while nothing is known at all.
const PAUSE_AT_START: TimeDelta = TimeDelta::seconds(1);

/// One copy, fetched by one caller at a time.
pub(super) struct Fetched<T> {
    clock: Clock,
    known: RwLock<Known<T>>,
    turn: Mutex<()>,
}

struct Known<T> {
    value: Option<(Arc<T>, DateTime<Utc>)>,
    not_before: Option<DateTime<Utc>>,
}

impl<T> Fetched<T> {
    pub(super) fn new(clock: Clock) -> Self {
        let known = RwLock::new(Known { value: None, not_before: None });
        Self { clock, known, turn: Mutex::default() }
    }

    /// The copy that there is, if it is fresh and `suits`; otherwise what `fetch` gives, unless that was asked a moment
    /// ago. What is given may not suit either.
    pub(super) async fn get(
        &self,
        suits: impl Fn(&T) -> bool,
        fetch: impl Future<Output = Result<T, OidcError>>,
    ) -> Result<Arc<T>, OidcError> {
        let fresh = || self.younger_than(FRESH).filter(|value| suits(value));
        if let Some(value) = fresh() {
            return Ok(value);
        }
        let _turn = self.turn.lock().await;
        if let Some(value) = fresh() {
            return Ok(value);
        }
        let old = self.younger_than(USABLE);
        if self.is_too_early() {
            return old.ok_or_else(|| OidcError::unavailable("it did not a moment ago"));
        }
        self.wait(if old.is_some() { PAUSE } else { PAUSE_AT_START });
        match (fetch.await, old) {
            (Ok(value), _) => {
                let value = Arc::new(value);
                self.write().value = Some((value.clone(), self.clock.now()));
                self.wait(PAUSE);
                Ok(value)
            }
            (Err(error), Some(old)) => {
                tracing::warn!(%error, "using what a provider published earlier");
                Ok(old)
            }
            (Err(error), None) => Err(error),
        }
    }

    fn younger_than(&self, age: TimeDelta) -> Option<Arc<T>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let (value, fetched) = known.value.as_ref()?;
        (self.clock.now() < *fetched + age).then(|| value.clone())
    }

    fn is_too_early(&self) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.not_before.is_some_and(|at| self.clock.now() < at)
    }

    fn wait(&self, pause: TimeDelta) {
        self.write().not_before = Some(self.clock.now() + pause);
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Known<T>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}
