//! What handlers and consumers can reach.

use std::sync::Arc;

use witan_access::{CachedMemberships, FeatureFlags};
use witan_clients::Peers;
use witan_clock::Clock;
use witan_pg::{Cipher, Pg};
use witan_web::Cursors;

use crate::config::TenancyConfig;
use crate::dns::Dns;

/// One per service; clones are handles to the same things.
#[derive(Clone)]
pub struct App {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) cursors: Cursors,
    /// What is switched on for whom, as every process knows it.
    pub(crate) feature_flags: FeatureFlags,
    /// Forgotten by this process as soon as a change is stored; by the others when they hear of it.
    pub(crate) memberships: CachedMemberships,
    /// Seals secrets until they are mailed.
    pub(crate) cipher: Cipher,
    /// What the other services do for this one.
    pub(crate) peers: Arc<Peers>,
    /// What the DNS says of domains.
    pub(crate) dns: Dns,
    pub(crate) config: Arc<TenancyConfig>,
}
