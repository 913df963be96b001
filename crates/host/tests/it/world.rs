//! A database, a virtual host and a prefix of a test's own.

use witan_clock::Clock;
use witan_config::Env;
use witan_host::{Running, Service, StartError, run};
use witan_lifecycle::Lifecycle;
use witan_pg::MigrationSet;
use witan_testkit::{Database, Schema, Servers, VirtualHost};

/// A key of zeros.
pub(crate) const KEYS: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

pub(crate) struct World {
    pub(crate) database: Database,
    _broker: VirtualHost,
    pub(crate) env: Env,
    pub(crate) lifecycle: Lifecycle,
}

impl World {
    /// A world whose database has these migrations for the service.
    pub(crate) async fn new<S: Service>(migrations: fn() -> Vec<MigrationSet>) -> Self {
        let servers = Servers::from_env();
        let schema = Schema { service: S::NAME, migrations };
        let database = Database::create(&servers.postgres, &[schema]).await.unwrap();
        let broker = VirtualHost::create(&servers).await.unwrap();
        let name = S::NAME.to_uppercase();
        let env = Env::from([
            (format!("{name}_DATABASE_URL"), database.app_url(S::NAME)),
            (format!("{name}_DATABASE_POOL"), "4".to_owned()),
            (format!("{name}_LISTEN"), "127.0.0.1:0".to_owned()),
            (format!("{name}_INTERNAL_LISTEN"), "127.0.0.1:0".to_owned()),
            ("AMQP_URL".to_owned(), broker.url()),
            ("REDIS_URL".to_owned(), servers.redis.to_string()),
            ("WITAN_REDIS_PREFIX".to_owned(), format!("{}:", Clock::system().uuid_v7())),
            ("WITAN_ENCRYPTION_KEYS".to_owned(), KEYS.to_owned()),
            ("WITAN_DRAIN_DELAY".to_owned(), "300ms".to_owned()),
        ]);
        Self { database, _broker: broker, env, lifecycle: Lifecycle::new() }
    }

    pub(crate) async fn run<S: Service>(&self) -> Result<Running, StartError> {
        run::<S>(&self.env, Clock::system(), self.lifecycle.clone(), None).await
    }
}
