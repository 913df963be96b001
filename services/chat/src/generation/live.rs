//! The streams that this process writes: who wants to follow one, or stop it, finds it here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use witan_ids::StreamId;

use crate::store::stream_events::StreamEventRow;

/// Events that a slow reader may be behind; beyond, it reads them from the log.
const BACKLOG: usize = 256;

/// One stream while it is written.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) events: broadcast::Sender<Arc<StreamEventRow>>,
    /// A person wants it to stop.
    pub(crate) stop: CancellationToken,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveStreams(Arc<Mutex<HashMap<StreamId, Live>>>);

/// Keeps a stream listed; dropping it takes the stream off the list, which readers notice.
#[derive(Debug)]
pub(crate) struct Listed {
    streams: LiveStreams,
    id: StreamId,
    pub(crate) live: Live,
}

impl LiveStreams {
    pub(crate) fn list(&self, id: StreamId) -> Listed {
        let live = Live { events: broadcast::Sender::new(BACKLOG), stop: CancellationToken::new() };
        self.streams().insert(id, live.clone());
        Listed { streams: self.clone(), id, live }
    }

    /// A stream of this process, if it is still written.
    pub(crate) fn find(&self, id: StreamId) -> Option<Live> {
        self.streams().get(&id).cloned()
    }

    fn streams(&self) -> MutexGuard<'_, HashMap<StreamId, Live>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.streams.streams().remove(&self.id);
    }
}
