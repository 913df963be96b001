//! The two ports.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use anyhow::Context as _;
use utoipa::openapi::{InfoBuilder, OpenApi};
use witan_web::{Edge, Health, IdempotencyStore, ServeOptions, serve_internal, serve_public};

use crate::{Context, HostConfig, Service};

/// Probes and the calls of other services are few and small.
const INTERNAL_WORKERS: usize = 1;
const SWEEP_EVERY: Duration = Duration::from_secs(10 * 60);

/// Both servers, already answering.
pub(crate) struct Servers {
    pub(crate) public_addr: SocketAddr,
    pub(crate) internal_addr: SocketAddr,
    pub(crate) public: ServerHandle,
    pub(crate) internal: ServerHandle,
}

/// The OpenAPI document of a service's public routes.
pub fn openapi<S: Service>() -> OpenApi {
    let info = InfoBuilder::new()
        .title(format!("Witan: {}", S::NAME))
        .description(Some(S::ABOUT))
        .version(env!("CARGO_PKG_VERSION"))
        .build();
    S::routes().openapi(info)
}

pub(crate) fn listen<S: Service>(config: &HostConfig, cx: &Context, app: S::App) -> anyhow::Result<Servers> {
    let name = S::NAME.to_uppercase();
    let (public, public_addr) = bind(config.listen, &format!("{name}_LISTEN"))?;
    let (internal, internal_addr) = bind(config.internal_listen, &format!("{name}_INTERNAL_LISTEN"))?;
    let access = cx.access.as_ref().clone();
    let answers = IdempotencyStore::new(&cx.pg, &cx.cipher, &cx.clock);
    let edge = Edge::new(&config.web, access, &cx.kv, Some(&answers), &cx.clock, &cx.lifecycle);
    sweep(cx, answers);
    let options = |workers| ServeOptions { workers, ..ServeOptions::default() };
    let public = serve_public(public, &edge, &S::routes(), app.clone(), options(config.workers))?;
    let routes = S::internal_routes();
    let internal = serve_internal(internal, &edge, &routes, app, &health(cx), options(INTERNAL_WORKERS))?;
    Ok(Servers {
        public_addr,
        internal_addr,
        public: spawn(cx, "public port", public),
        internal: spawn(cx, "internal port", internal),
    })
}

/// Removes answers whose day is over. Every replica does; a row can only go once.
fn sweep(cx: &Context, answers: IdempotencyStore) {
    let stopping = cx.lifecycle.stopping();
    cx.lifecycle.spawn("idempotency sweep", async move {
        while stopping.run_until_cancelled(tokio::time::sleep(SWEEP_EVERY)).await.is_some() {
            if let Err(error) = answers.sweep().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "old answers stay a while longer");
            }
        }
    });
}

/// Only the database is something that no request can be answered without.
fn health(cx: &Context) -> Health {
    let (pg, kv, amqp) = (cx.pg.clone(), cx.kv.clone(), cx.amqp.clone());
    Health::new(&cx.lifecycle)
        .check("postgres", move || {
            let pg = pg.clone();
            async move { pg.ping().await }
        })
        .optional("redis", move || {
            let kv = kv.clone();
            async move { kv.ping().await }
        })
        .optional("rabbitmq", move || {
            let connected = amqp.is_connected();
            async move { if connected { Ok(()) } else { Err("not connected") } }
        })
}

fn bind(address: SocketAddr, variable: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener =
        TcpListener::bind(address).with_context(|| format!("cannot listen on {address} ({variable})"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn spawn(cx: &Context, name: &'static str, server: Server) -> ServerHandle {
    let handle = server.handle();
    cx.lifecycle.spawn(name, async move {
        if let Err(error) = server.await {
            tracing::error!(%error, name, "the port is not served any more");
        }
    });
    handle
}
