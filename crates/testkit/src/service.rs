use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};
use secrecy::SecretString;
use url::Url;
use witan_access::{ApiKeyRecord, InternalKey, Scope, service_token};
use witan_clock::Clock;
use witan_config::Env;
use witan_host::{Running, Service};
use witan_ids::{ApiKeyId, UserId, WorkspaceId};
use witan_lifecycle::Lifecycle;

use crate::client::Client;
use crate::database::{Database, Schema};
use crate::events::Published;
use crate::peers::FakePeers;
use crate::servers::Servers;
use crate::{VirtualHost, tokens};

pub(crate) const INTERNAL_KEY: &str = "a key that only the tests have, long enough for HMAC";

/// A service in the test's process, on a database, virtual host and Redis prefix of its own.
///
/// Callers come typed: [`anon`](Self::anon), [`member`](Self::member), [`admin`](Self::admin) and
/// [`other_workspace`](Self::other_workspace). What the service would ask other services is answered by
/// [`peers`](Self::peers).
pub struct TestService<S: Service> {
    pub(crate) running: Option<Running>,
    service: std::marker::PhantomData<fn() -> S>,
    /// The workspace of [`member`](Self::member) and [`admin`](Self::admin).
    pub workspace: WorkspaceId,
    clock: Clock,
    env: Env,
    peers: FakePeers,
    database: Database,
    broker: VirtualHost,
    folder: PathBuf,
}

/// A service that is not started yet.
pub struct Builder {
    clock: Clock,
    env: Vec<(String, String)>,
}

impl<S: Service> TestService<S> {
    /// Starts it with the settings of a developer's machine and the system's clock.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    /// Starts it with settings or a clock of one's own.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let builder = configure(Builder { clock: Clock::system(), env: Vec::new() });
        // Large: it holds the whole start of a service.
        Box::pin(Self::build(builder))
            .await
            .unwrap_or_else(|error| panic!("{} does not start: {error:#}", S::NAME))
    }

    async fn build(builder: Builder) -> Result<Self> {
        let servers = Servers::from_env();
        let schema = Schema { service: S::NAME, migrations: witan_host::migration_sets::<S> };
        let database = Database::create(&servers.postgres, &[schema]).await.context("no database")?;
        let broker = VirtualHost::create(&servers).await.context("no virtual host")?;
        let peers =
            FakePeers::start(InternalKey::new(&SecretString::from(INTERNAL_KEY)), builder.clock.clone())
                .await?;
        let folder = fresh_folder()?;
        let mut env = base_env(S::NAME, &database, &servers, &broker.url(), &folder);
        for peer in ["AUTH", "TENANCY", "CHAT", "COUNCIL", "WEBHOOKS", "BILLING"] {
            env = env.with(format!("{peer}_INTERNAL_URL"), peers.url().as_str());
        }
        for (name, value) in builder.env {
            env = env.with(&name, &value);
        }
        let mut service = Self {
            running: None,
            service: std::marker::PhantomData,
            workspace: WorkspaceId::generate(&builder.clock),
            clock: builder.clock,
            env,
            peers,
            database,
            broker,
            folder,
        };
        service.resume().await?;
        Ok(service)
    }

    /// Starts it again after [`halt`](Self::halt), on the same database and broker.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn resume(&mut self) -> Result<()> {
        let running = witan_host::run::<S>(&self.env, self.clock.clone(), Lifecycle::new(), None).await?;
        self.running = Some(running);
        Ok(())
    }

    /// Sets a variable for the next [`resume`](Self::resume).
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.env = self.env.clone().with(name, value);
    }

    /// Stops it as SIGTERM would and says whether everything ended in time.
    pub async fn halt(&mut self) -> bool {
        match self.running.take() {
            Some(running) => running.stop().await,
            None => true,
        }
    }

    /// Another replica of the same service on the same database, broker and peers.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn replica(&self) -> Result<Running> {
        Ok(witan_host::run::<S>(&self.env, self.clock.clone(), Lifecycle::new(), None).await?)
    }

    /// Waits until it follows events and its queues take them: from here on it forgets nothing but what one of them names, and misses
    /// nothing that is published.
    ///
    /// # Panics
    /// When it does not come to that.
    pub async fn listening(&self) {
        assert!(self.running().context().amqp.wait_ready(crate::PATIENCE).await, "its queues are not there");
        let following = async || self.running().context().access.freshness.is_following();
        crate::eventually("it listens to events", following).await;
    }

    /// The running service.
    ///
    /// # Panics
    /// While it is halted.
    #[must_use]
    pub fn running(&self) -> &Running {
        self.running.as_ref().expect("the service is halted")
    }

    /// Nobody.
    #[must_use]
    pub fn anon(&self) -> Client {
        Client::anonymous(address(self.running().public_addr))
    }

    /// Somebody new with the role MEMBER in [`workspace`](Self::workspace).
    #[must_use]
    pub fn member(&self) -> Client {
        let user = UserId::generate(&self.clock);
        self.peers.member(user, self.workspace);
        self.person(user, Some(self.workspace)).in_workspace(self.workspace)
    }

    /// Somebody new with the role ADMIN in [`workspace`](Self::workspace).
    #[must_use]
    pub fn admin(&self) -> Client {
        self.admin_of(self.workspace)
    }

    /// Somebody new with the role ADMIN in a new workspace of their own.
    #[must_use]
    pub fn other_workspace(&self) -> Client {
        self.admin_of(WorkspaceId::generate(&self.clock))
    }

    fn admin_of(&self, workspace: WorkspaceId) -> Client {
        let user = UserId::generate(&self.clock);
        self.peers.admin(user, workspace);
        self.person(user, Some(workspace)).in_workspace(workspace)
    }

    /// A person with a token for this service that selects no workspace.
    #[must_use]
    pub fn person(&self, user: UserId, default_workspace: Option<WorkspaceId>) -> Client {
        let claims = tokens::claims(S::NAME, user, default_workspace, &self.clock);
        self.anon().with_token(tokens::sign(&claims)).with_user(user)
    }

    /// A new API key with these scopes: the `workspace`'s own, or one of `user`.
    #[must_use]
    pub fn api_key(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
        scopes: &[Scope],
    ) -> (Client, ApiKeyId) {
        let now = self.clock.now();
        let record = ApiKeyRecord {
            key_id: ApiKeyId::generate(&self.clock),
            user_id: user,
            workspace_id: workspace,
            default_workspace_id: None,
            scopes: scopes.to_vec(),
            methods: Vec::new(),
            created_at: now,
            expires_at: now + chrono::TimeDelta::days(1),
        };
        let id = record.key_id;
        (self.anon().with_api_key(self.peers.api_key(record)), id)
    }

    /// Somebody new who runs the installation.
    #[must_use]
    pub fn platform_admin(&self) -> Client {
        let user = UserId::generate(&self.clock);
        let mut claims = tokens::claims(S::NAME, user, None, &self.clock);
        claims.adm = true;
        self.anon().with_token(tokens::sign(&claims)).with_user(user)
    }

    /// Another service, on the internal port.
    #[must_use]
    pub fn internal(&self, caller: &str) -> Client {
        let key = InternalKey::new(&SecretString::from(INTERNAL_KEY));
        let token = service_token::mint(&key, caller, S::NAME, &self.clock);
        self.internal_anon().with_token(token)
    }

    /// Nobody, on the internal port: probes and metrics.
    #[must_use]
    pub fn internal_anon(&self) -> Client {
        Client::anonymous(address(self.running().internal_addr))
    }

    /// The other services.
    #[must_use]
    pub fn peers(&self) -> &FakePeers {
        &self.peers
    }

    /// Its database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Its virtual host.
    #[must_use]
    pub fn broker(&self) -> &VirtualHost {
        &self.broker
    }

    /// What it publishes from now on.
    ///
    /// # Panics
    /// When the broker cannot be reached.
    pub async fn events(&self) -> Published {
        Published::listen(&self.broker.url()).await.expect("the broker")
    }

    /// The clock it was started with.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The settings it was started with.
    #[must_use]
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// Where it leaves mails and other files.
    #[must_use]
    pub fn folder(&self) -> &PathBuf {
        &self.folder
    }
}

impl<S: Service> Drop for TestService<S> {
    /// Ends the service before its database and virtual host go.
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.context().lifecycle.stop();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Builder {
    /// Sets a variable, over what is usual.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// Another clock, such as a manual one's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

/// The settings of a developer's machine, on any free ports.
pub(crate) fn base_env(
    service: &str,
    database: &Database,
    servers: &Servers,
    amqp_url: &str,
    folder: &std::path::Path,
) -> Env {
    service_env(common_env(servers, amqp_url, folder), service, database)
}

/// Adds what is one service's own.
pub(crate) fn service_env(env: Env, service: &str, database: &Database) -> Env {
    let prefix = service.to_uppercase();
    env.with(format!("{prefix}_LISTEN"), "127.0.0.1:0")
        .with(format!("{prefix}_INTERNAL_LISTEN"), "127.0.0.1:0")
        .with(format!("{prefix}_DATABASE_URL"), database.app_url(service))
        .with(format!("{prefix}_MIGRATE_DATABASE_URL"), database.owner_url(service))
}

/// What the services of one installation share.
pub(crate) fn common_env(servers: &Servers, amqp_url: &str, folder: &std::path::Path) -> Env {
    Env::from([("WITAN_ENV", "development")])
        .with("AMQP_URL", amqp_url)
        .with("REDIS_URL", servers.redis.as_str())
        .with("WITAN_REDIS_PREFIX", format!("wt-{}:", Clock::system().uuid_v7().simple()))
        // A busy machine is late at times; what is counted here is counted exactly all the same.
        .with("WITAN_REDIS_BUDGET", "10s")
        .with("WITAN_ISSUER", tokens::ISSUER)
        .with("WITAN_INTERNAL_KEY", INTERNAL_KEY)
        .with("WITAN_ENCRYPTION_KEYS", "test:dGhlIHRlc3RzIGhhdmUgYSBrZXkgb2YgMzIgYnl0ZXM=")
        .with("WITAN_WORKERS", "1")
        .with("EGRESS_ALLOW_PRIVATE", "true")
        .with("EGRESS_ALLOW_HTTP", "true")
        .with("MAIL_OUTBOX_DIR", folder.display().to_string())
}

pub(crate) fn fresh_folder() -> Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("witan-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

pub(crate) fn address(socket: std::net::SocketAddr) -> Url {
    Url::parse(&format!("http://{socket}/")).expect("the address of a socket")
}
