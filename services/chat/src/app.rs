use std::sync::Arc;

use witan_clients::Peers;
use witan_clock::Clock;
use witan_egress::Guarded;
use witan_host::Context;
use witan_ids::StreamId;
use witan_kv::Kv;
use witan_lifecycle::Lifecycle;
use witan_llm::Models;
use witan_pg::Pg;
use witan_web::Cursors;
use witan_web::sse::LiveLogs;

use crate::config::ChatConfig;
use crate::seals::Seals;
use crate::store::stream_events::StreamEventRow;

/// What handlers and generations reach.
#[derive(Clone)]
pub struct App {
    pub(crate) pg: Pg,
    pub(crate) kv: Kv,
    pub(crate) clock: Clock,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) guarded: Guarded,
    pub(crate) models: Models,
    pub(crate) peers: Arc<Peers>,
    pub(crate) seals: Seals,
    pub(crate) cursors: Cursors,
    pub(crate) live: LiveLogs<StreamId, StreamEventRow>,
    pub(crate) config: Arc<ChatConfig>,
}

impl App {
    pub(crate) fn new(config: ChatConfig, cx: &Context) -> Self {
        Self {
            pg: cx.pg.clone(),
            kv: cx.kv.clone(),
            clock: cx.clock.clone(),
            lifecycle: cx.lifecycle.clone(),
            guarded: cx.egress.guarded(),
            models: Models::new(&config.models, &cx.egress, &cx.clock, Some(&cx.kv)),
            peers: cx.peers.clone(),
            seals: Seals::new(cx.cipher.clone(), cx.clock.clone()),
            cursors: cx.cursors.clone(),
            live: LiveLogs::default(),
            config: Arc::new(config),
        }
    }
}
