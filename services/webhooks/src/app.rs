use std::sync::Arc;

use witan_clock::Clock;
use witan_egress::Guarded;
use witan_host::Context;
use witan_pg::Pg;
use witan_web::Cursors;

use crate::config::WebhooksConfig;
use crate::seals::Seals;

/// What handlers and workers reach.
#[derive(Clone)]
pub struct App {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) guarded: Guarded,
    pub(crate) seals: Seals,
    pub(crate) cursors: Cursors,
    pub(crate) config: Arc<WebhooksConfig>,
}

impl App {
    pub(crate) fn new(config: WebhooksConfig, cx: &Context) -> Self {
        Self {
            pg: cx.pg.clone(),
            clock: cx.clock.clone(),
            guarded: cx.egress.guarded(),
            seals: Seals::new(cx.cipher.clone(), cx.clock.clone()),
            cursors: cx.cursors.clone(),
            config: Arc::new(config),
        }
    }
}
