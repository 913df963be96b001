use std::net::SocketAddr;
use std::time::Duration;

use url::Url;
use witan_access::InternalKey;
use witan_clients::PeersConfig;
use witan_config::{Env, Environment, Mistakes, Reader};
use witan_egress::EgressConfig;
use witan_events::AmqpConfig;
use witan_kv::RedisConfig;
use witan_pg::{CipherConfig, DatabaseConfig};
use witan_telemetry::TelemetryConfig;
use witan_web::WebConfig;

use crate::Service;

/// The services' usual ports for the public; the internal one is a hundred above.
const PORTS: [(&str, u16); 6] = [
    ("auth", 7101),
    ("tenancy", 7102),
    ("chat", 7103),
    ("council", 7104),
    ("webhooks", 7105),
    ("billing", 7106),
];
const WORKERS: usize = 2;
/// How long a load balancer may take to notice that a service is not ready any more.
const DRAIN_DELAY_PRODUCTION: Duration = Duration::from_secs(3);
const STALE_AFTER: Duration = Duration::from_secs(60);
const PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// The settings that every service has.
#[derive(Debug, Clone)]
pub struct HostConfig {
    /// Where the process runs.
    pub environment: Environment,
    /// Where the gateway reaches the service.
    pub listen: SocketAddr,
    /// Where other services, probes and metrics reach it.
    pub internal_listen: SocketAddr,
    /// How many threads answer requests of the public.
    pub workers: usize,
    /// How long to go on serving after `/ready` began to say no.
    pub drain_delay: Duration,
    /// The address under which people reach the product, without a slash at the end.
    pub public_url: String,
    /// Who issues access tokens.
    pub issuer: String,
    /// How long after the last news of ended sessions and changed roles operations of administrators are refused.
    pub stale_after: Duration,
    /// Logs and traces.
    pub telemetry: TelemetryConfig,
    /// PostgreSQL.
    pub database: DatabaseConfig,
    /// RabbitMQ.
    pub amqp: AmqpConfig,
    /// Redis.
    pub redis: RedisConfig,
    /// Keys for what is stored encrypted.
    pub cipher: CipherConfig,
    /// What services prove to each other who they are with.
    pub internal_key: InternalKey,
    /// Limits, proxies and cursors.
    pub web: WebConfig,
    /// Where outgoing calls may go.
    pub egress: EgressConfig,
    /// Where the other services are.
    pub peers: PeersConfig,
}

impl HostConfig {
    /// Reads the variables of the README's table for one service.
    pub fn read(r: &mut Reader<'_>, service: &str) -> Option<Self> {
        let environment = r.environment();
        let prefix = service.to_uppercase();
        let port = PORTS.iter().find(|(name, _)| *name == service).map_or(0, |(_, port)| *port);
        let internal_port = if port == 0 { 0 } else { port + 100 };
        let listen = r.or(&format!("{prefix}_LISTEN"), local(port));
        let internal_listen = r.or(&format!("{prefix}_INTERNAL_LISTEN"), local(internal_port));
        let workers = workers(r);
        let delay = if environment.is_production() { DRAIN_DELAY_PRODUCTION } else { Duration::ZERO };
        let drain_delay = r.duration("WITAN_DRAIN_DELAY", delay);
        let public_url = r.url_or_dev("WITAN_PUBLIC_URL", PUBLIC_URL).map(|url| trimmed(&url));
        let issuer = r.optional::<String>("WITAN_ISSUER");
        let stale_after = r.duration("WITAN_STATE_STALE_AFTER", STALE_AFTER);
        let telemetry = TelemetryConfig::read(r);
        let database = DatabaseConfig::read(r, &prefix);
        let amqp = AmqpConfig::read(r);
        let redis = RedisConfig::read(r);
        let cipher = CipherConfig::read(r);
        let internal_key = InternalKey::read(r);
        let web = WebConfig::read(r);
        let egress = EgressConfig::read(r);
        let peers = PeersConfig::read(r);
        let public_url = public_url?;
        Some(Self {
            environment,
            listen: listen?,
            internal_listen: internal_listen?,
            workers: workers?,
            drain_delay: drain_delay?,
            issuer: issuer?.unwrap_or_else(|| public_url.clone()),
            public_url,
            stale_after: stale_after?,
            telemetry: telemetry?,
            database: database?,
            amqp: amqp?,
            redis: redis?,
            cipher: cipher?,
            internal_key: internal_key?,
            web: web?,
            egress: egress?,
            peers: peers?,
        })
    }
}

/// The common settings and the service's own.
pub struct Settings<S: Service> {
    /// The common ones.
    pub host: HostConfig,
    /// The service's own.
    pub own: S::Config,
}

impl<S: Service> Settings<S> {
    /// Reads both, so that the mistakes of both are told together.
    ///
    /// # Errors
    /// With every mistake.
    pub fn read(env: &Env) -> Result<Self, Mistakes> {
        let mut r = Reader::new(env);
        let host = HostConfig::read(&mut r, S::NAME);
        let own = S::configure(&mut r);
        r.finish(|| Some(Self { host: host?, own: own? }))
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn workers(r: &mut Reader<'_>) -> Option<usize> {
    let workers = r.or("WITAN_WORKERS", WORKERS)?;
    if workers == 0 { r.mistake("WITAN_WORKERS", "must be at least 1") } else { Some(workers) }
}

fn trimmed(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
