//! What handlers and consumers can reach.

use witan_clock::Clock;
use witan_pg::Pg;
use witan_web::Cursors;

/// One per service; clones are handles to the same things.
#[derive(Clone)]
pub struct App {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) cursors: Cursors,
}
