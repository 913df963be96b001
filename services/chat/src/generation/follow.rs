//! An answer's log, as whoever follows it reads it.

use async_trait::async_trait;
use witan_ids::{StreamId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::Problem;
use witan_web::sse::{Entry, Follower, Live, Log};

use crate::app::App;
use crate::domain::state::MessageState;
use crate::store::messages::message_of_stream;
use crate::store::stream_events::{StreamEventRow, stream_event_list};

const BATCH: i64 = 200;

/// The log of one answer.
pub(crate) struct AnswerLog {
    app: App,
    workspace: WorkspaceId,
    stream: StreamId,
}

/// Reads what comes after `seq`.
pub(crate) fn follow(app: &App, workspace: WorkspaceId, stream: StreamId, seq: i32) -> Follower<AnswerLog> {
    Follower::new(AnswerLog { app: app.clone(), workspace, stream }, seq)
}

impl Entry for StreamEventRow {
    fn seq(&self) -> i32 {
        self.seq
    }

    fn is_last(&self) -> bool {
        matches!(self.event.as_str(), "done" | "error" | "timeout")
    }
}

#[async_trait]
impl Log for AnswerLog {
    type Entry = StreamEventRow;

    fn live(&self) -> Option<Live<StreamEventRow>> {
        self.app.live.find(self.stream)
    }

    async fn read(&self, after: i32) -> Result<(Vec<StreamEventRow>, bool), Problem> {
        let stream = self.stream;
        let read = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
            let message = message_of_stream(tx, stream).await?;
            Ok((message, stream_event_list(tx, stream, after, BATCH).await?))
        };
        let (message, events) = self.app.pg.tenant_read("chat.stream_read", self.workspace, read).await?;
        Ok((events, message.is_some_and(|message| message.state() == MessageState::Streaming)))
    }
}
