//! Circuit breakers whose state all replicas share.
//!
//! Closed: calls go out. After some failures in a row it is open: calls are refused at once. When its time is up one
//! caller, of all replicas together, may try; if that goes well it closes, otherwise it stays open for as long again.
//! Without Redis each process keeps a breaker of its own by the same rules.

pub(crate) mod local;

use std::sync::LazyLock;
use std::time::Duration;

use deadpool_redis::redis::Script;

use crate::{Kv, KvError};

static ACQUIRE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("breaker/acquire.lua")));
static REPORT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("breaker/report.lua")));

/// When a breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// How many failures in a row open it.
    pub failures: u32,
    /// How long it stays open before one caller may try.
    pub open_for: Duration,
    /// How long that caller may take before another may try in its place.
    pub probe_for: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self { failures: 5, open_for: Duration::from_secs(300), probe_for: Duration::from_secs(60) }
    }
}

/// The breaker is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the circuit is open")]
pub struct Open {
    /// How long until a try may be worth while.
    pub retry_after: Duration,
}

/// A circuit breaker.
#[derive(Clone, Debug)]
pub struct Breaker {
    kv: Kv,
    name: String,
    policy: BreakerPolicy,
}

/// Leave to make one call, to be told how it went. Dropping it tells nothing: the call was given up.
#[derive(Debug)]
#[must_use = "the breaker learns only from what is reported"]
pub struct Permit<'a> {
    breaker: &'a Breaker,
    probe: bool,
}

impl Breaker {
    pub(crate) fn new(kv: Kv, name: &str, policy: BreakerPolicy) -> Self {
        Self { kv, name: name.to_owned(), policy }
    }

    /// Leave to make a call.
    ///
    /// # Errors
    /// When the breaker is open, or half open and somebody else is trying.
    pub async fn acquire(&self) -> Result<Permit<'_>, Open> {
        let wait = match self.acquire_shared().await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::debug!(%error, breaker = self.name, "asking the local breaker");
                self.kv.0.breakers.acquire(&self.name, &self.policy)
            }
        };
        match wait {
            CLOSED => Ok(Permit { breaker: self, probe: false }),
            PROBE => Ok(Permit { breaker: self, probe: true }),
            millis => Err(Open { retry_after: Duration::from_millis(u64::try_from(millis).unwrap_or(0)) }),
        }
    }

    /// Makes a call if the breaker lets it, and tells the breaker how it went. An error counts when `blames` says so:
    /// an answer such as 404 says that the other side works.
    ///
    /// # Errors
    /// `Err(Err(open))` when no call was made, otherwise the call's own.
    pub async fn call<T, E>(
        &self,
        call: impl Future<Output = Result<T, E>>,
        blames: impl FnOnce(&E) -> bool,
    ) -> Result<Result<T, E>, Open> {
        let permit = self.acquire().await?;
        let outcome = call.await;
        match &outcome {
            Err(error) if blames(error) => permit.failure().await,
            _ => permit.success().await,
        }
        Ok(outcome)
    }

    async fn acquire_shared(&self) -> Result<i64, KvError> {
        let mut call = ACQUIRE.prepare_invoke();
        call.key(self.key()).arg(millis(self.policy.probe_for));
        self.kv.0.link.run(async |connection| call.invoke_async(connection).await).await
    }

    /// Tells it how a call went whose permit could not be kept, such as one whose answer is a stream.
    pub async fn report(&self, succeeded: bool) {
        let mut call = REPORT.prepare_invoke();
        call.key(self.key())
            .arg(i64::from(succeeded))
            .arg(self.policy.failures)
            .arg(millis(self.policy.open_for));
        let told = self.kv.0.link.run(async |connection| call.invoke_async::<()>(connection).await).await;
        if told.is_err() {
            self.kv.0.breakers.report(&self.name, &self.policy, succeeded);
        }
    }

    fn key(&self) -> String {
        self.kv.key(&format!("breaker:{}", self.name), "state")
    }
}

impl Permit<'_> {
    /// Whether this is the one call that decides whether the breaker closes.
    pub fn is_probe(&self) -> bool {
        self.probe
    }

    /// The call went well.
    pub async fn success(self) {
        self.breaker.report(true).await;
    }

    /// The call failed, and the other side is to blame.
    pub async fn failure(self) {
        self.breaker.report(false).await;
    }
}

/// What the script answers besides the milliseconds to wait.
const CLOSED: i64 = -1;
const PROBE: i64 = -2;

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
