use deadpool_redis::redis::RedisError;

/// Why Redis did not help.
#[derive(Debug, thiserror::Error)]
pub enum KvError {
    /// It cannot be reached; a connection is being tried in the background.
    #[error("Redis is away")]
    Away,
    /// It did not answer in time.
    #[error("Redis did not answer in time")]
    Late,
    /// It answered with an error.
    #[error("Redis refused")]
    Refused(#[source] RedisError),
    /// What was stored cannot be read.
    #[error("a cached value cannot be read")]
    Unreadable(#[source] serde_json::Error),
}
