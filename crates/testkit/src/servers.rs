use url::Url;
use witan_config::Env;

/// Where the servers are that tests run on; `./scripts/test` starts them and says so in the environment.
#[derive(Clone, Debug)]
pub struct Servers {
    /// Superuser, database `postgres`.
    pub postgres: Url,
    /// Without a path.
    pub redis: Url,
    /// Administrator, without a virtual host.
    pub amqp: Url,
    /// The broker's management API, with the administrator's name and password.
    pub amqp_management: Url,
}

impl Servers {
    /// Reads `WITAN_TEST_POSTGRES_URL`, `WITAN_TEST_REDIS_URL`, `WITAN_TEST_AMQP_URL` and
    /// `WITAN_TEST_AMQP_MANAGEMENT_URL`.
    ///
    /// # Panics
    /// When one is missing: there is nothing to test on then, and a skipped test would look like a passed one.
    #[must_use]
    pub fn from_env() -> Self {
        let env = Env::process();
        let read = |name: &str| {
            let value = env.get(name).and_then(|text| Url::parse(text).ok());
            value.unwrap_or_else(|| {
                panic!(
                    "{name} is not set: run tests with ./scripts/test, or with `witan-dev stack run -- CMD`"
                )
            })
        };
        Self {
            postgres: read("WITAN_TEST_POSTGRES_URL"),
            redis: read("WITAN_TEST_REDIS_URL"),
            amqp: read("WITAN_TEST_AMQP_URL"),
            amqp_management: read("WITAN_TEST_AMQP_MANAGEMENT_URL"),
        }
    }
}
