use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::time::{Instant, sleep};
use witan_access::{
    AccessControl, ApiKeySource, ApiKeys, CachedMemberships, FeatureFlagSource, FeatureFlags, Freshness,
    KeySource, Memberships, OutsideTokenSource, OutsideTokens, Revocations, Verifier,
};
use witan_clients::Peers;
use witan_clock::Clock;
use witan_config::Environment;
use witan_egress::Egress;
use witan_events::Amqp;
use witan_kv::Kv;
use witan_lifecycle::Lifecycle;
use witan_pg::{Cipher, DatabaseConfig, Pg, PgError};
use witan_web::Cursors;

use crate::HostConfig;
use crate::late::Late;

/// How long a database that is only starting is waited for.
const DATABASE_DEADLINE: Duration = Duration::from_secs(30);
const DATABASE_RETRY: Duration = Duration::from_millis(500);

/// What every service is given at its start.
#[derive(Clone)]
pub struct Context {
    /// The service's name.
    pub service: &'static str,
    /// Where the process runs.
    pub environment: Environment,
    /// The address under which people reach the product, without a slash at the end.
    pub public_url: String,
    /// Who issues access tokens.
    pub issuer: String,
    /// The service's own schema.
    pub pg: Pg,
    /// RabbitMQ.
    pub amqp: Amqp,
    /// Redis.
    pub kv: Kv,
    /// Time, ids and randomness.
    pub clock: Clock,
    /// Tasks, and the end.
    pub lifecycle: Lifecycle,
    /// Outgoing HTTP.
    pub egress: Egress,
    /// Encryption of what is stored.
    pub cipher: Cipher,
    /// Who may do what.
    pub access: Arc<AccessControl>,
    /// The internal APIs of the other services.
    pub peers: Arc<Peers>,
    /// Signs page cursors.
    pub cursors: Cursors,
}

/// The parts of the context that the service itself may provide, once it has started.
pub(crate) struct Sources {
    pub(crate) keys: Arc<Late<dyn KeySource>>,
    pub(crate) api_keys: Arc<Late<dyn ApiKeySource>>,
    pub(crate) outside_tokens: Arc<Late<dyn OutsideTokenSource>>,
    pub(crate) feature_flags: Arc<Late<dyn FeatureFlagSource>>,
    pub(crate) memberships: Arc<Late<dyn Memberships>>,
}

impl Context {
    /// Connects to what the service stands on. Only the database must be there.
    pub(crate) async fn build(
        service: &'static str,
        config: &HostConfig,
        clock: Clock,
        lifecycle: Lifecycle,
        peers: Option<Arc<Peers>>,
    ) -> anyhow::Result<(Self, Sources)> {
        let pg = connect(&config.database, service).await?;
        let egress = Egress::new(&config.egress).context("cannot set up outgoing HTTP")?;
        let peers = match peers {
            Some(peers) => peers,
            None => Arc::new(Peers::new(
                &config.peers,
                service,
                &egress,
                config.internal_key.clone(),
                clock.clone(),
            )),
        };
        let sources = Sources {
            keys: Late::new(),
            api_keys: Late::new(),
            outside_tokens: Late::new(),
            feature_flags: Late::new(),
            memberships: Late::new(),
        };
        let access = access_control(service, config, &clock, &sources);
        let context = Self {
            service,
            environment: config.environment,
            public_url: config.public_url.clone(),
            issuer: config.issuer.clone(),
            pg,
            amqp: Amqp::connect(&config.amqp, &lifecycle),
            kv: Kv::connect(&config.redis, &clock, &lifecycle).await.context("cannot set up Redis")?,
            egress,
            cipher: config.cipher.cipher(),
            access: Arc::new(access),
            peers,
            cursors: config.web.cursors.clone(),
            clock,
            lifecycle,
        };
        Ok((context, sources))
    }
}

fn access_control(service: &str, config: &HostConfig, clock: &Clock, sources: &Sources) -> AccessControl {
    let revocations = Revocations::new(clock.clone());
    let keys = sources.keys.clone();
    let outside = sources.outside_tokens.clone();
    AccessControl {
        service: service.to_owned(),
        outside_tokens: OutsideTokens::new(&config.issuer, outside, revocations.clone(), clock.clone()),
        verifier: Verifier::new(&config.issuer, service, keys, revocations, clock.clone()),
        api_keys: ApiKeys::new(sources.api_keys.clone(), clock.clone()),
        memberships: CachedMemberships::new(sources.memberships.clone()),
        feature_flags: FeatureFlags::default(),
        internal_key: config.internal_key.clone(),
        freshness: Freshness::new(config.stale_after),
        clock: clock.clone(),
    }
}

/// Connects to the database, and waits for one that is away: everything may be starting at the same time.
async fn connect(config: &DatabaseConfig, service: &str) -> anyhow::Result<Pg> {
    let deadline = Instant::now() + DATABASE_DEADLINE;
    loop {
        match Pg::connect(config, service).await {
            Ok(pg) => return Ok(pg),
            Err(error @ PgError::Unavailable(..)) if Instant::now() < deadline => {
                tracing::warn!(error = &error as &dyn std::error::Error, "waiting for the database");
                sleep(DATABASE_RETRY).await;
            }
            Err(error) => return Err(error).context("cannot use the database"),
        }
    }
}
