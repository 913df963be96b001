#![doc = include_str!("../README.md")]

mod addresses;
mod config;
mod error;
mod guarded;
mod headers;
mod internal;
mod message;
mod resolver;
mod signing;
mod span;
mod stream;
mod target;

use std::sync::Arc;
use std::time::Duration;

pub use addresses::is_public;
pub use config::EgressConfig;
pub use error::{EgressError, UrlFault};
pub use guarded::Guarded;
pub use headers::custom_header;
pub use message::{DEFAULT_MAX_RESPONSE, DEFAULT_TIMEOUT, Incoming, Outgoing};
pub use resolver::{Lookup, LookupFuture, SystemLookup};
pub use signing::{PrivateKey, Sign, SigningSecret, sign};
pub use stream::Streaming;

use resolver::GuardedResolver;

/// Shorter than the 60 s after which common load balancers drop an idle connection; and the longest time for which a
/// connection may outlive the name's change of address.
const IDLE_CONNECTION: Duration = Duration::from_secs(50);
const INTERNAL_CONNECT: Duration = Duration::from_millis(500);
const GUARDED_CONNECT: Duration = Duration::from_secs(10);

/// The clients of a process. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Egress {
    internal: reqwest::Client,
    guarded: Guarded,
}

impl Egress {
    /// Builds the clients.
    ///
    /// # Errors
    /// The TLS stack found no root certificates.
    pub fn new(config: &EgressConfig) -> Result<Self, EgressError> {
        Self::with_lookup(config, SystemLookup)
    }

    /// Builds the clients on another source of addresses.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_lookup(config: &EgressConfig, lookup: impl Lookup) -> Result<Self, EgressError> {
        let config = Arc::new(config.clone());
        let resolver = GuardedResolver { config: config.clone(), lookup: Arc::new(lookup) };
        let guarded = builder().connect_timeout(GUARDED_CONNECT).dns_resolver(resolver.clone());
        let internal = builder().connect_timeout(INTERNAL_CONNECT);
        Ok(Self {
            internal: internal.build().map_err(EgressError::Client)?,
            guarded: Guarded { config, resolver, client: guarded.build().map_err(EgressError::Client)? },
        })
    }

    /// The client for our own services. The operator chose their addresses, so they are not checked.
    pub fn internal_client(&self) -> reqwest::Client {
        self.internal.clone()
    }

    /// The client for addresses that somebody else chose: partners, personas, model providers.
    pub fn guarded(&self) -> Guarded {
        self.guarded.clone()
    }
}

/// What all clients share: no proxy from the environment, no redirects, no `Referer`, one connection pool each.
fn builder() -> reqwest::ClientBuilder {
    #[expect(clippy::disallowed_methods, reason = "the one place that builds HTTP clients")]
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .tcp_nodelay(true)
        .pool_idle_timeout(IDLE_CONNECTION)
        .user_agent(concat!("Witan/", env!("CARGO_PKG_VERSION")))
}
