//! What handlers and consumers can reach.

use witan_access::{CachedMemberships, FeatureFlags};
use witan_clock::Clock;
use witan_pg::Pg;
use witan_web::Cursors;

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
}
