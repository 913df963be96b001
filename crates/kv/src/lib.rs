#![doc = include_str!("../README.md")]

pub mod breaker;
pub mod cache;
mod config;
mod error;
mod limit;
mod link;
mod lockout;

use std::sync::Arc;
use std::time::Duration;

use witan_clock::Clock;
use witan_lifecycle::Lifecycle;

pub use crate::breaker::{Breaker, BreakerPolicy};
pub use crate::cache::Cache;
pub use crate::config::RedisConfig;
pub use crate::error::KvError;
use crate::limit::local::LocalLimiter;
pub use crate::limit::{Decision, Quota, Rule};
use crate::link::Link;
use crate::lockout::local::LocalLockouts;
pub use crate::lockout::{Counter, Failed, LockoutPolicy};

/// How long a start waits for Redis before it goes on without.
const START: Duration = Duration::from_secs(1);

/// A handle to Redis, and to what stands in for it while it is away. Clones share one connection.
#[derive(Clone)]
pub struct Kv(Arc<Shared>);

struct Shared {
    link: Link,
    prefix: String,
    local: LocalLimiter,
    breakers: breaker::local::LocalBreakers,
    lockouts: LocalLockouts,
    clock: Clock,
}

impl Kv {
    /// Connects, and keeps connecting for ever in the background; never fails because Redis is away.
    ///
    /// # Errors
    /// When the address itself makes no sense.
    pub async fn connect(
        config: &RedisConfig,
        clock: &Clock,
        lifecycle: &Lifecycle,
    ) -> Result<Self, KvError> {
        let link = Link::open(config, clock, lifecycle)?;
        if tokio::time::timeout(START, link.connected()).await.is_err() {
            tracing::warn!("Redis is away; limits, caches and breakers are local until it is back");
        }
        Ok(Self(Arc::new(Shared {
            link,
            prefix: config.prefix.clone(),
            local: LocalLimiter::default(),
            breakers: breaker::local::LocalBreakers::default(),
            lockouts: LocalLockouts::default(),
            clock: clock.clone(),
        })))
    }

    /// Whether Redis answers.
    ///
    /// # Errors
    /// When it does not within 50 ms.
    pub async fn ping(&self) -> Result<(), KvError> {
        let ping = deadpool_redis::redis::cmd("PING");
        self.0.link.run(async |connection| ping.query_async::<()>(connection).await).await
    }

    /// A cache whose entries live under a name of their own.
    pub fn cache(&self, name: &'static str) -> Cache {
        Cache::new(self.clone(), name)
    }

    /// A circuit breaker that all replicas share under one name.
    pub fn breaker(&self, name: &str, policy: BreakerPolicy) -> Breaker {
        Breaker::new(self.clone(), name, policy)
    }

    /// A key of this installation. What stands in braces decides the node of a cluster, so keys with the same `tag`
    /// may meet in one script.
    fn key(&self, tag: &str, name: &str) -> String {
        format!("{}{{{tag}}}:{name}", self.0.prefix)
    }
}

impl std::fmt::Debug for Kv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kv").field("prefix", &self.0.prefix).field("away", &self.0.link.is_away()).finish()
    }
}
