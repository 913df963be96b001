use std::time::Duration;

use secrecy::SecretString;
use witan_config::Reader;

const BUDGET: Duration = Duration::from_millis(50);

/// Where Redis is.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// `redis://[user:password@]host:port/[database]`; it may hold a password.
    pub url: SecretString,
    /// What all keys begin with, so that several installations can share a server.
    pub prefix: String,
    /// How long a command may take before the answer is made without Redis.
    pub budget: Duration,
}

impl RedisConfig {
    /// Reads `REDIS_URL`, `WITAN_REDIS_PREFIX` (default `witan:`) and `WITAN_REDIS_BUDGET` (default 50 ms).
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let url = r.secret_or_dev("REDIS_URL", "redis://127.0.0.1:7379");
        let prefix = r.or("WITAN_REDIS_PREFIX", "witan:".to_owned());
        let budget = r.duration("WITAN_REDIS_BUDGET", BUDGET);
        Some(Self { url: url?, prefix: prefix?, budget: budget? })
    }
}
