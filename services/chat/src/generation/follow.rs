//! Reading a stream from any place on, wherever it is written.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{sleep, timeout};
use witan_ids::{StreamId, WorkspaceId};
use witan_pg::{PgError, TenantTx};

use crate::app::App;
use crate::domain::state::MessageState;
use crate::store::messages::message_of_stream;
use crate::store::stream_events::{StreamEventRow, stream_event_list};

const BATCH: i64 = 200;
/// How often the log is read when another process writes it.
const POLL: Duration = Duration::from_millis(250);
/// How often it is read although this process writes it: nothing should be missed, and nothing depends on that.
const RECHECK: Duration = Duration::from_secs(5);

/// A reader. It listens before it reads the log, so that nothing falls between.
pub(crate) struct Follower {
    app: App,
    workspace: WorkspaceId,
    stream: StreamId,
    seq: i32,
    ahead: VecDeque<Arc<StreamEventRow>>,
    live: Option<Receiver<Arc<StreamEventRow>>>,
    ended: bool,
}

impl Follower {
    /// Reads what comes after `seq`.
    pub(crate) fn new(app: &App, workspace: WorkspaceId, stream: StreamId, seq: i32) -> Self {
        let live = app.live.find(stream).map(|live| live.events.subscribe());
        Self { app: app.clone(), workspace, stream, seq, ahead: VecDeque::new(), live, ended: false }
    }

    /// The next event; `None` after the last one, or when the stream is deleted.
    pub(crate) async fn next(&mut self) -> Result<Option<Arc<StreamEventRow>>, PgError> {
        let mut wait = false;
        while !self.ended {
            if let Some(event) = self.ahead.pop_front() {
                self.seq = event.seq;
                self.ended = event.is_last();
                return Ok(Some(event));
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

    /// Waits for the next event, or for a reason to read the log.
    async fn listen(&mut self) {
        let Some(live) = &mut self.live else {
            sleep(POLL).await;
            return;
        };
        match timeout(RECHECK, live.recv()).await {
            Ok(Ok(event)) if event.seq == self.seq + 1 => self.ahead.push_back(event),
            // Seen already, or too far ahead, or too much missed: the log knows.
            Ok(Ok(_) | Err(RecvError::Lagged(_))) | Err(_) => {}
            Ok(Err(RecvError::Closed)) => self.live = None,
        }
    }

    /// Reads the log; says whether more can come.
    async fn read(&mut self) -> Result<bool, PgError> {
        let (stream, seq) = (self.stream, self.seq);
        let read = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
            // In this order: a stream that has ended has its last event in the log.
            let message = message_of_stream(tx, stream).await?;
            let events = stream_event_list(tx, stream, seq, BATCH).await?;
            Ok((message, events))
        };
        let (message, events) = self.app.pg.tenant_read("chat.stream_read", self.workspace, read).await?;
        self.ahead.extend(events.into_iter().map(Arc::new));
        Ok(!self.ahead.is_empty()
            || message.is_some_and(|message| message.state() == MessageState::Streaming))
    }
}
