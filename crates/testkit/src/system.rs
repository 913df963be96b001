//! Several services that ask one another, as an installation has them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use anyhow::{Context as _, Result};
use secrecy::SecretString;
use serde_json::Value;
use witan_access::{InternalKey, service_token};
use witan_clock::Clock;
use witan_config::Env;
use witan_host::{Running, Service};
use witan_lifecycle::Lifecycle;

use crate::database::{Database, Schema};
use crate::service::{INTERNAL_KEY, address, common_env, fresh_folder, service_env};
use crate::{Client, Published, Servers, VirtualHost, Wire};

type Starting = Pin<Box<dyn Future<Output = Result<Running>>>>;

/// One service of an installation.
struct Part {
    name: &'static str,
    migrations: fn() -> Vec<witan_pg::MigrationSet>,
    document: fn() -> Value,
    start: fn(Env, Clock) -> Starting,
}

/// What is to run together.
#[derive(Default)]
pub struct Installation {
    parts: Vec<Part>,
    settings: Vec<(String, String)>,
}

/// Services in the test's process on one database, virtual host and Redis prefix. Each reaches the others on their
/// internal ports, with nothing faked between them.
pub struct TestSystem {
    parts: BTreeMap<&'static str, (Running, Value)>,
    clock: Clock,
    _wires: Vec<Wire>,
    database: Database,
    broker: VirtualHost,
    folder: PathBuf,
}

impl Installation {
    /// Adds a service. Those that others ask come first.
    #[must_use]
    pub fn with<S: Service>(mut self) -> Self {
        self.parts.push(Part {
            name: S::NAME,
            migrations: witan_host::migration_sets::<S>,
            document: || serde_json::to_value(witan_host::openapi::<S>()).expect("a document as JSON"),
            start: |env, clock| {
                Box::pin(async move {
                    let running = witan_host::run::<S>(&env, clock, Lifecycle::new(), None).await;
                    running.with_context(|| format!("{} does not start", S::NAME))
                })
            },
        });
        self
    }

    /// Sets a variable of all services, over what is usual.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.push((name.to_owned(), value.into()));
        self
    }

    /// Starts everything.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start(self, clock: Clock) -> TestSystem {
        Box::pin(self.build(clock)).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    async fn build(self, clock: Clock) -> Result<TestSystem> {
        let servers = Servers::from_env();
        let schema = |part: &Part| Schema { service: part.name, migrations: part.migrations };
        let schemas: Vec<Schema> = self.parts.iter().map(schema).collect();
        let database = Database::create(&servers.postgres, &schemas).await.context("no database")?;
        let broker = VirtualHost::create(&servers).await.context("no virtual host")?;
        let folder = fresh_folder()?;
        let mut env = common_env(&servers, &broker.url(), &folder);
        let mut wires = Vec::new();
        for part in &self.parts {
            // A service's address is known once it runs; the others want to know it when they start.
            let wire = Wire::loose().await?;
            let variable = format!("{}_INTERNAL_URL", part.name.to_uppercase());
            env = service_env(env, part.name, &database).with(variable, address(wire.address()).as_str());
            wires.push(wire);
        }
        for (name, value) in &self.settings {
            env = env.with(name, value);
        }
        let mut parts = BTreeMap::new();
        for (part, wire) in self.parts.iter().zip(&wires) {
            let running = (part.start)(env.clone(), clock.clone()).await?;
            wire.plug(running.internal_addr.to_string());
            parts.insert(part.name, (running, (part.document)()));
        }
        Ok(TestSystem { parts, clock, _wires: wires, database, broker, folder })
    }
}

impl TestSystem {
    /// The services by name, with the OpenAPI documents of what the gateway reaches.
    pub fn documents(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.parts.iter().map(|(name, (_, document))| (*name, document))
    }

    /// Nobody, at a service.
    ///
    /// # Panics
    /// When it is not part of the installation.
    #[must_use]
    pub fn anon(&self, service: &str) -> Client {
        Client::anonymous(address(self.running(service).public_addr))
    }

    /// Another service, on a service's internal port.
    ///
    /// # Panics
    /// When it is not part of the installation.
    #[must_use]
    pub fn internal(&self, caller: &str, service: &'static str) -> Client {
        let key = InternalKey::new(&SecretString::from(INTERNAL_KEY));
        let token = service_token::mint(&key, caller, service, &self.clock);
        Client::anonymous(address(self.running(service).internal_addr)).with_token(token)
    }

    /// A service that runs.
    ///
    /// # Panics
    /// When it is not part of the installation.
    #[must_use]
    pub fn running(&self, service: &str) -> &Running {
        &self.parts.get(service).unwrap_or_else(|| panic!("there is no {service} here")).0
    }

    /// Their database, with a schema for each.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// What they publish from now on.
    ///
    /// # Panics
    /// When the broker cannot be reached.
    pub async fn events(&self) -> Published {
        Published::listen(&self.broker.url()).await.expect("the broker")
    }

    /// Where mails are left.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for TestSystem {
    /// Ends the services before their database and virtual host go.
    fn drop(&mut self) {
        self.parts.values().for_each(|(running, _)| running.context().lifecycle.stop());
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
