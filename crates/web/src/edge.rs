//! What happens to every request before and after its handler.

mod address;
pub(crate) mod context;
pub(crate) mod gate;
mod headers;
pub(crate) mod idempotency;
pub(crate) mod limits;
mod metrics;
pub(crate) mod observe;
mod observed;
pub(crate) mod query;
mod request_id;

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use witan_access::AccessControl;
use witan_clock::Clock;
use witan_kv::Kv;
use witan_lifecycle::Lifecycle;

use crate::WebConfig;
use crate::cookies::Origins;
use crate::edge::idempotency::IdempotencyStore;
use crate::edge::limits::Limiter;

/// What the edge of a service needs: who may come in, how often, and where answers are kept. Clones share it.
#[derive(Clone)]
pub struct Edge(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) service: String,
    pub(crate) access: AccessControl,
    pub(crate) limiter: Limiter,
    pub(crate) idempotency: Option<IdempotencyStore>,
    pub(crate) clock: Clock,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) origins: Origins,
    pub(crate) sse_heartbeat: Duration,
}

impl Edge {
    /// The edge of the service that `access` is for. Without a store no operation can be
    /// idempotent by key.
    pub fn new(
        config: &WebConfig,
        access: AccessControl,
        kv: &Kv,
        idempotency: Option<&IdempotencyStore>,
        clock: &Clock,
        lifecycle: &Lifecycle,
    ) -> Self {
        Self(Arc::new(Shared {
            service: access.service.clone(),
            limiter: Limiter::new(kv.clone(), &access.service, config.limits),
            access,
            idempotency: idempotency.cloned(),
            clock: clock.clone(),
            lifecycle: lifecycle.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            origins: config.origins.clone(),
            sse_heartbeat: config.sse_heartbeat,
        }))
    }
}
