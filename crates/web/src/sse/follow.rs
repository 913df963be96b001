//! Reading a log from any place on, wherever it is written.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, Responder as _};
use async_trait::async_trait;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tracing::Instrument as _;
use witan_lifecycle::Lifecycle;

use super::{Dialect, Live, Sse, SseEvent};
use crate::Problem;

/// How often the log is read when another process writes it.
const POLL: Duration = Duration::from_millis(250);
/// How often it is read although this process writes it: nothing should be missed, and nothing depends on that.
const RECHECK: Duration = Duration::from_secs(5);
const QUEUE: usize = 32;
/// A connection is held this long; what is followed goes on without it.
const LONGEST: Duration = Duration::from_secs(300);

/// An entry of a log.
pub trait Entry: Send + Sync + 'static {
    /// Its number, from 1 on without gaps.
    fn seq(&self) -> i32;

    /// Whether nothing follows it.
    fn is_last(&self) -> bool;
}

/// A stored log that somebody appends to.
#[async_trait]
pub trait Log: Send + 'static {
    /// What it consists of.
    type Entry: Entry;

    /// What this process writes of it at the moment, if it does.
    fn live(&self) -> Option<Live<Self::Entry>>;

    /// The next entries after number `after`, and whether more can come after those. The latter must be looked up
    /// first: a log that has ended has its last entry.
    async fn read(&self, after: i32) -> Result<(Vec<Self::Entry>, bool), Problem>;
}

/// A reader. It listens before it reads the log, so that nothing falls between.
pub struct Follower<L: Log> {
    log: L,
    seq: i32,
    ahead: VecDeque<Arc<L::Entry>>,
    live: Option<Receiver<Arc<L::Entry>>>,
    ended: bool,
}

impl<L: Log> Follower<L> {
    /// Reads what comes after number `seq`.
    pub fn new(log: L, seq: i32) -> Self {
        let live = subscribe(&log);
        Self { log, seq, ahead: VecDeque::new(), live, ended: false }
    }

    /// The next entry; `None` after the last one, or when the log is gone.
    ///
    /// # Errors
    /// The log's.
    pub async fn next(&mut self) -> Result<Option<Arc<L::Entry>>, Problem> {
        let mut wait = false;
        while !self.ended {
            if let Some(entry) = self.ahead.pop_front() {
                self.seq = entry.seq();
                self.ended = entry.is_last();
                return Ok(Some(entry));
            }
            if wait {
                self.listen().await;
            }
            wait = true;
            if self.ahead.is_empty() && !self.read().await? {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Waits for the next entry, or for a reason to read the log.
    async fn listen(&mut self) {
        let Some(live) = &mut self.live else {
            sleep(POLL).await;
            // Another process may have left it to this one.
            self.live = subscribe(&self.log);
            return;
        };
        match timeout(RECHECK, live.recv()).await {
            Ok(Ok(entry)) if entry.seq() == self.seq + 1 => self.ahead.push_back(entry),
            // Seen already, or too far ahead, or too much missed: the log knows.
            Ok(Ok(_) | Err(RecvError::Lagged(_))) | Err(_) => {}
            Ok(Err(RecvError::Closed)) => self.live = None,
        }
    }

    /// Reads the log; says whether more can come.
    async fn read(&mut self) -> Result<bool, Problem> {
        let (entries, open) = self.log.read(self.seq).await?;
        self.ahead.extend(entries.into_iter().map(Arc::new));
        Ok(open || !self.ahead.is_empty())
    }

    /// The answer that sends what it reads, each entry as the events that `shown` makes of it.
    ///
    /// It is read in a task of its own: a slow or vanished client holds up nobody. After five minutes the connection ends;
    /// what is followed goes on.
    pub fn respond(
        self,
        lifecycle: &Lifecycle,
        request: &HttpRequest,
        dialect: Dialect,
        shown: impl FnMut(&L::Entry) -> Vec<SseEvent> + Send + 'static,
    ) -> HttpResponse {
        let (events, received) = mpsc::channel(QUEUE);
        let work = async move {
            if timeout(LONGEST, Box::pin(self.tell(&events, dialect, shown))).await.is_err() {
                let _ = events.send(dialect.timeout()).await;
            }
        };
        lifecycle.spawn("sse.follow", work.instrument(tracing::Span::current()));
        Sse::speaking(received, dialect).respond_to(request).map_into_boxed_body()
    }

    async fn tell(
        mut self,
        events: &mpsc::Sender<SseEvent>,
        dialect: Dialect,
        mut shown: impl FnMut(&L::Entry) -> Vec<SseEvent>,
    ) {
        loop {
            let next = tokio::select! {
                next = self.next() => next,
                () = events.closed() => return,
            };
            let next = match next {
                Ok(Some(entry)) => shown(&entry),
                Ok(None) => return,
                Err(problem) => vec![dialect.fault(&problem)],
            };
            for event in next {
                let last = event.is_last();
                if events.send(event).await.is_err() || last {
                    return;
                }
            }
        }
    }
}

fn subscribe<L: Log>(log: &L) -> Option<Receiver<Arc<L::Entry>>> {
    log.live().map(|live| live.entries.subscribe())
}
