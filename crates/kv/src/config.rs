use secrecy::SecretString;
use witan_config::Reader;

/// Where Redis is.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// `redis://[user:password@]host:port/[database]`; it may hold a password.
    pub url: SecretString,
    /// What all keys begin with, so that several installations can share a server.
    pub prefix: String,
}

impl RedisConfig {
    /// Reads `REDIS_URL` and `WITAN_REDIS_PREFIX` (default `witan:`).
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let url = r.secret_or_dev("REDIS_URL", "redis://127.0.0.1:7379");
        let prefix = r.or("WITAN_REDIS_PREFIX", "witan:".to_owned());
        Some(Self { url: url?, prefix: prefix? })
    }
}
