use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use witan_config::Reader;

const POOL: usize = 10;
const WAIT: Duration = Duration::from_secs(2);
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
const LOCK_TIMEOUT: Duration = Duration::from_secs(3);
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(15);
const TRANSACTION: Duration = Duration::from_secs(30);

/// How a service reaches its database, and how long it waits for it.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// The URL with the service's own role, which sees only its own schema.
    pub url: SecretString,
    /// The URL with the role that owns the schema; needed to migrate, not to serve.
    pub migrate_url: Option<SecretString>,
    /// How many connections at most.
    pub pool: usize,
    /// How long to wait for one of them, or for a new one.
    pub wait: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// How long a transaction may do nothing before the server ends it.
    pub idle_in_transaction: Duration,
    /// How long a whole transaction may take, also when the server does not answer at all.
    pub transaction: Duration,
}

impl DatabaseConfig {
    /// Reads `<PREFIX>_DATABASE_URL`, `<PREFIX>_MIGRATE_DATABASE_URL` and `<PREFIX>_DATABASE_POOL`.
    pub fn read(r: &mut Reader<'_>, prefix: &str) -> Option<Self> {
        let url = url(r, &format!("{prefix}_DATABASE_URL"), true);
        let migrate_url = url_or_none(r, &format!("{prefix}_MIGRATE_DATABASE_URL"));
        let name = format!("{prefix}_DATABASE_POOL");
        let pool = match r.or(&name, POOL) {
            Some(0) => r.mistake(&name, "must be at least 1"),
            pool => pool,
        };
        Some(Self { migrate_url: migrate_url?, pool: pool?, ..Self::new(url??) })
    }

    /// The defaults for a URL.
    pub fn new(url: impl Into<SecretString>) -> Self {
        Self {
            url: url.into(),
            migrate_url: None,
            pool: POOL,
            wait: WAIT,
            statement_timeout: STATEMENT_TIMEOUT,
            lock_timeout: LOCK_TIMEOUT,
            idle_in_transaction: IDLE_IN_TRANSACTION,
            transaction: TRANSACTION,
        }
    }
}

fn url_or_none(r: &mut Reader<'_>, name: &str) -> Option<Option<SecretString>> {
    if r.is_set(name) { url(r, name, false) } else { Some(None) }
}

/// A URL that PostgreSQL's client understands; its text carries a password and is not repeated in mistakes.
fn url(r: &mut Reader<'_>, name: &str, required: bool) -> Option<Option<SecretString>> {
    let secret = if required { Some(r.secret(name)?) } else { r.optional_secret(name) };
    let Some(secret) = secret else { return Some(None) };
    match secret.expose_secret().parse::<tokio_postgres::Config>() {
        Ok(_) => Some(Some(secret)),
        Err(_) => r.mistake(name, "is not valid: not a PostgreSQL connection URL"),
    }
}
