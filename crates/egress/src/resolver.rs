//! Name resolution that answers with permitted addresses or not at all.
//!
//! It sits inside the connector: the addresses it returns are the addresses dialled, so there is no gap between the
//! check and the connection for a name to change its mind in (DNS rebinding). One refused address refuses the whole
//! answer: a name that mixes public and private addresses is an attack or a mistake.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::config::EgressConfig;
use crate::error::BlockedAddress;
use crate::target;

/// What a look-up becomes.
pub type LookupFuture = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Where addresses come from: the system, or a script in a test.
pub trait Lookup: Send + Sync + 'static {
    /// Every address of a name; ports are ignored.
    fn lookup(&self, name: &str) -> LookupFuture;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, name: &str) -> LookupFuture {
        let name = name.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    }
}

/// The guard: a [`Lookup`] and the rule its answers must satisfy.
#[derive(Clone)]
pub(crate) struct GuardedResolver {
    pub(crate) config: Arc<EgressConfig>,
    pub(crate) lookup: Arc<dyn Lookup>,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl GuardedResolver {
    pub(crate) async fn addresses(self, name: String) -> Result<Vec<SocketAddr>, BoxError> {
        if target::check_name(&self.config, &name).is_err() {
            return Err(Box::new(BlockedAddress));
        }
        let found = self.lookup.lookup(&name).await?;
        if found.is_empty() {
            return Err(Box::new(io::Error::new(io::ErrorKind::NotFound, "the name has no address")));
        }
        if let Some(refused) = found.iter().find(|address| !self.config.addresses.permits(address.ip())) {
            tracing::warn!(name, refused = %refused.ip(), "egress: a name leads to a blocked address");
            return Err(Box::new(BlockedAddress));
        }
        Ok(found)
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        let name = name.as_str().to_owned();
        Box::pin(async move {
            let found = resolver.addresses(name).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
