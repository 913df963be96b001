//! The two ports of a service.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpServer};

use crate::edge::Edge;
use crate::edge::observe::Observe;
use crate::presence;
use crate::routes::mount::{Mounted, nothing_here};
use crate::{Health, Routes};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than gateways keep their connections to us, so that it is never us who closes one that is about to be used.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How a port is served.
#[derive(Debug, Clone, Copy)]
pub struct ServeOptions {
    /// How many threads answer.
    pub workers: usize,
    /// How long requests that are under way may take when the server stops.
    pub shutdown: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        Self { workers, shutdown: Duration::from_secs(25) }
    }
}

/// Serves a table to everybody who comes through the gateway. Signals are the host's: stop it by its handle.
///
/// # Errors
/// When the port cannot be served.
///
/// # Panics
/// When the table has two operations with the same method and path.
pub fn serve_public<A: Clone + Send + Sync + 'static>(
    listener: TcpListener,
    edge: &Edge,
    routes: &Routes,
    app: A,
    options: ServeOptions,
) -> io::Result<Server> {
    serve(listener, edge, routes.mount(edge), app, options, |_| {})
}

/// Serves health, metrics and the internal operations to operators and other services.
///
/// # Errors
/// When the port cannot be served.
///
/// # Panics
/// When the table has two operations with the same method and path.
pub fn serve_internal<A: Clone + Send + Sync + 'static>(
    listener: TcpListener,
    edge: &Edge,
    routes: &Routes,
    app: A,
    health: &Health,
    options: ServeOptions,
) -> io::Result<Server> {
    let health = health.clone();
    serve(listener, edge, routes.mount(edge), app, options, move |config| health.configure(config))
}

fn serve<A: Clone + Send + Sync + 'static>(
    listener: TcpListener,
    edge: &Edge,
    mounted: Mounted,
    app: A,
    options: ServeOptions,
    more: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> io::Result<Server> {
    let (edge, app) = (web::Data::new(edge.clone()), web::Data::new(app));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(edge.clone())
            .app_data(app.clone())
            .configure(|config| mounted.configure(config))
            .configure(more.clone())
            .default_service(web::to(nothing_here))
            .wrap(Observe(edge.get_ref().clone()))
    });
    Ok(server
        .workers(options.workers)
        .shutdown_timeout(options.shutdown.as_secs())
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        // A stream's words would wait for the client's acknowledgement of those before, 40 ms each.
        .tcp_nodelay(true)
        .on_connect(presence::remember)
        .disable_signals()
        .listen(listener)?
        .run())
}
