//! Starting a service: the wiring, from top to bottom.

use std::sync::Arc;

use anyhow::Context as _;
use witan_clients::Peers;
use witan_clock::Clock;
use witan_config::{Env, Mistakes};
use witan_events::Relay;
use witan_lifecycle::Lifecycle;

use crate::context::Sources;
use crate::{Context, Running, Service, Settings, http, migrations, sync};

/// Why a service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its configuration is wrong.
    #[error(transparent)]
    Config(#[from] Mistakes),
    /// Something it stands on is missing or not as it should be.
    #[error("{0:#}")]
    Failed(#[from] anyhow::Error),
}

/// Starts a service in this process and returns once it answers. Telemetry is the caller's.
///
/// `peers` replaces the internal APIs of the other services, for tests.
///
/// # Errors
/// With every mistake of the configuration, or when the database, its role, its schema or the ports are not usable.
pub async fn run<S: Service>(
    env: &Env,
    clock: Clock,
    lifecycle: Lifecycle,
    peers: Option<Arc<Peers>>,
) -> Result<Running, StartError> {
    let settings = Settings::<S>::read(env)?;
    Ok(start::<S>(settings, clock, lifecycle, peers).await?)
}

pub(crate) async fn start<S: Service>(
    settings: Settings<S>,
    clock: Clock,
    lifecycle: Lifecycle,
    peers: Option<Arc<Peers>>,
) -> anyhow::Result<Running> {
    let stop = lifecycle.clone();
    // Large: it holds everything that a service stands on while it is set up.
    let started = Box::pin(wire::<S>(settings, clock, lifecycle, peers)).await;
    // What was spawned before the failure must not go on.
    started.inspect_err(|_| stop.stop())
}

async fn wire<S: Service>(
    settings: Settings<S>,
    clock: Clock,
    lifecycle: Lifecycle,
    peers: Option<Arc<Peers>>,
) -> anyhow::Result<Running> {
    let Settings { host, own } = settings;
    let (cx, sources) = Box::pin(Context::build(S::NAME, &host, clock, lifecycle, peers)).await?;
    migrations::require_current::<S>(&cx.pg).await?;
    let app = S::start(own, &cx).await.context("the service did not start")?;
    bind_sources::<S>(&sources, &app, &cx);
    Relay::spawn(&cx.pg, &cx.amqp, &cx.clock, &cx.lifecycle, S::NAME);
    sync::spawn(&cx, sources.feature_flags.clone());
    let servers = http::listen::<S>(&host, &cx, app)?;
    cx.lifecycle.set_ready(true);
    let running = Running::new(cx, host.drain_delay, servers);
    tracing::info!(service = S::NAME, public = %running.public_addr, internal = %running.internal_addr, "serving");
    Ok(running)
}

/// Keys of both kinds, tokens of other issuers, feature flags and memberships come from their services, unless this is one of them.
fn bind_sources<S: Service>(sources: &Sources, app: &S::App, cx: &Context) {
    let auth = || Arc::new(cx.peers.auth.clone()) as _;
    sources.keys.set(S::key_source(app).unwrap_or_else(auth));
    let auth = || Arc::new(cx.peers.auth.clone()) as _;
    sources.api_keys.set(S::api_key_source(app).unwrap_or_else(auth));
    let auth = || Arc::new(cx.peers.auth.clone()) as _;
    sources.outside_tokens.set(S::outside_token_source(app).unwrap_or_else(auth));
    let tenancy = || Arc::new(cx.peers.tenancy.clone()) as _;
    sources.feature_flags.set(S::feature_flag_source(app).unwrap_or_else(tenancy));
    let tenancy = || Arc::new(cx.peers.tenancy.clone()) as _;
    sources.memberships.set(S::memberships(app).unwrap_or_else(tenancy));
}
