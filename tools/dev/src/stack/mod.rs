//! The private PostgreSQL, Redis and RabbitMQ of one profile.

mod complaints;
mod postgres;
mod rabbit;
mod redis;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

use crate::account::Account;
use crate::keys::KeyRing;
use crate::outside::Outside;
use crate::process::{Supervisor, manners_of, sweep};
use crate::profile::{Ports, Profile, require_free};
use crate::state::State;

pub(crate) use complaints::complaints;

/// The servers of the stack in the order they may be stopped in.
pub(crate) const SERVERS: [&str; 4] = ["rabbitmq", "epmd", "redis", "postgres"];
const PATIENCE: Duration = Duration::from_secs(60);

/// The servers' own passwords.
pub(crate) struct ServerKeys {
    postgres: String,
    redis: String,
    rabbitmq: String,
    erlang_cookie: String,
}

impl ServerKeys {
    pub(crate) fn from(ring: &mut KeyRing) -> Self {
        Self {
            postgres: ring.password("POSTGRES_PASSWORD"),
            redis: ring.password("REDIS_PASSWORD"),
            rabbitmq: ring.password("RABBITMQ_PASSWORD"),
            erlang_cookie: ring.password("ERLANG_COOKIE"),
        }
    }
}

/// What all servers of one stack have in common.
pub(crate) struct Setting<'a> {
    pub(crate) profile: Profile,
    pub(crate) ports: Ports,
    pub(crate) state: &'a State,
    pub(crate) account: Option<&'a Account>,
    pub(crate) outside: &'a Outside,
    pub(crate) keys: &'a ServerKeys,
}

impl Setting<'_> {
    fn env(&self, home: &Path) -> BTreeMap<String, String> {
        let mut env = self.outside.essentials();
        env.insert("HOME".to_owned(), home.display().to_string());
        env.insert("LC_ALL".to_owned(), "C.UTF-8".to_owned());
        env
    }

    pub(crate) fn postgres_url(&self) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/postgres", self.keys.postgres, self.ports.postgres)
    }

    pub(crate) fn redis_url(&self) -> String {
        format!("redis://:{}@127.0.0.1:{}", self.keys.redis, self.ports.redis)
    }

    /// Without a virtual host.
    pub(crate) fn amqp_url(&self) -> String {
        format!("amqp://witan:{}@127.0.0.1:{}", self.keys.rabbitmq, self.ports.amqp)
    }

    pub(crate) fn management_url(&self) -> String {
        format!("http://witan:{}@127.0.0.1:{}", self.keys.rabbitmq, self.ports.amqp_management)
    }

    /// What tests read to find the servers.
    pub(crate) fn test_env(&self) -> [(&'static str, String); 4] {
        [
            ("WITAN_TEST_POSTGRES_URL", self.postgres_url()),
            ("WITAN_TEST_REDIS_URL", self.redis_url()),
            ("WITAN_TEST_AMQP_URL", self.amqp_url()),
            ("WITAN_TEST_AMQP_MANAGEMENT_URL", self.management_url()),
        ]
    }
}

/// Stops what a crash left behind; says so when there was anything.
pub(crate) async fn clean(state: &State) -> Option<String> {
    let leftovers = sweep(&state.pid_files(), manners_of).await;
    (!leftovers.is_empty())
        .then(|| format!("Stopped what an earlier run left behind: {}.", leftovers.join(", ")))
}

/// Starts the three servers side by side; returns as soon as all are started, before they are ready.
pub(crate) async fn start(s: &Setting<'_>, supervisor: &mut Supervisor) -> Result<()> {
    require_free(s.ports.servers())?;
    for name in SERVERS {
        let _ = std::fs::remove_file(s.state.log(name));
    }
    supervisor.start(rabbit::epmd(s)?)?;
    supervisor.start(rabbit::spec(s)?)?;
    supervisor.start(redis::spec(s)?)?;
    supervisor.start(postgres::spec(s).await?)
}

pub(crate) async fn wait_postgres(s: &Setting<'_>, supervisor: &mut Supervisor) -> Result<()> {
    until_ready("postgres", supervisor, async || postgres::is_ready(s).await).await
}

pub(crate) async fn wait_all(
    s: &Setting<'_>,
    supervisor: &mut Supervisor,
    http: &reqwest::Client,
) -> Result<()> {
    wait_postgres(s, supervisor).await?;
    until_ready("redis", supervisor, async || redis::is_ready(s).await).await?;
    until_ready("rabbitmq", supervisor, async || rabbit::is_ready(s, http).await).await
}

pub(crate) async fn stop(supervisor: &mut Supervisor) {
    supervisor.stop(|name| name != "epmd").await;
    // Last: the broker takes its leave from the port mapper.
    supervisor.stop(|name| name == "epmd").await;
}

/// Polls until `ready`; ends early with a plain line when any program dies.
pub(crate) async fn until_ready(
    name: &str,
    supervisor: &mut Supervisor,
    ready: impl AsyncFn() -> bool,
) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let attempt = async {
            let ok = ready().await;
            if !ok {
                sleep(Duration::from_millis(50)).await;
            }
            ok
        };
        tokio::select! {
            ok = attempt => if ok { return Ok(()) },
            death = supervisor.next_death() => bail!(crate::process::obituary(supervisor, &death)),
        }
        if Instant::now() >= deadline {
            let log = supervisor.spec(name).map(|s| s.log.display().to_string()).unwrap_or_default();
            bail!("{name} was not ready within {} s: see {log}", PATIENCE.as_secs());
        }
    }
}
