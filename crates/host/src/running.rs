use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::ServerHandle;

use crate::Context;
use crate::http::Servers;

/// How long tasks in the background may take to finish what they hold.
const BACKGROUND_DEADLINE: Duration = Duration::from_secs(15);

/// A service that serves.
pub struct Running {
    /// Where the gateway reaches it.
    pub public_addr: SocketAddr,
    /// Where probes, metrics and other services reach it.
    pub internal_addr: SocketAddr,
    context: Box<Context>,
    drain_delay: Duration,
    public: ServerHandle,
    internal: ServerHandle,
}

impl Running {
    pub(crate) fn new(context: Context, drain_delay: Duration, servers: Servers) -> Self {
        Self {
            public_addr: servers.public_addr,
            internal_addr: servers.internal_addr,
            context: Box::new(context),
            drain_delay,
            public: servers.public,
            internal: servers.internal,
        }
    }

    /// What the service was given at its start.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Ends the service in the order of invariant 12: not ready, a delay in which load balancers notice, no new
    /// connections, the answers under way, then consumers, jobs and relay. Says whether all of them ended in time.
    pub async fn stop(self) -> bool {
        let lifecycle = &self.context.lifecycle;
        lifecycle.begin_drain();
        tracing::info!(delay = ?self.drain_delay, "draining");
        tokio::time::sleep(self.drain_delay).await;
        self.public.stop(true).await;
        // Probes and other services are answered until the public has been.
        self.internal.stop(true).await;
        lifecycle.stop();
        let idle = lifecycle.wait_idle(BACKGROUND_DEADLINE).await;
        if idle {
            tracing::info!("stopped");
        } else {
            tracing::warn!(tasks = lifecycle.tasks(), "stopped with tasks that did not end in time");
        }
        idle
    }
}
