//! What handlers and consumers can reach.

use std::sync::Arc;

use witan_clock::Clock;
use witan_pg::Pg;

use crate::config::BillingConfig;

/// One per service; clones are handles to the same things.
#[derive(Clone)]
pub struct App {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) config: Arc<BillingConfig>,
}
