//! Puts an answer's text into the log as it comes.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};
use witan_ids::{StreamId, WorkspaceId};
use witan_pg::{PgError, TenantTx};

use super::Listed;
use crate::app::App;
use crate::domain::outcome::AnswerError;
use crate::store::live_streams::live_stream_beat;
use crate::store::stream_events::{StreamEventRow, stream_event_append};

/// Words that come closer together become one event: a row per token would cost more than the model.
const GATHER: Duration = Duration::from_millis(60);
/// How often the writer says that it is alive, and learns whether it should stop.
const BEAT: Duration = Duration::from_secs(1);
/// Of one answer.
const MAX_BYTES: usize = 256 * 1024;
/// How long a database that is away is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_millis(250);

/// Writes one stream.
pub(crate) struct Writer<'a> {
    app: &'a App,
    workspace: WorkspaceId,
    stream: StreamId,
    listed: &'a Listed,
    /// Of the last event that is stored.
    pub(crate) seq: i32,
    /// Everything that is stored.
    pub(crate) content: String,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(app: &'a App, workspace: WorkspaceId, stream: StreamId, listed: &'a Listed) -> Self {
        Self { app, workspace, stream, listed, seq: 0, content: String::new() }
    }

    /// Stores what comes until nothing more does.
    pub(crate) async fn drain(&mut self, mut pieces: mpsc::Receiver<String>) -> Result<(), AnswerError> {
        let mut gathered = String::new();
        let (mut flush_at, mut beat_at) = (Instant::now(), Instant::now() + BEAT);
        loop {
            tokio::select! {
                piece = pieces.recv() => match piece {
                    Some(piece) => gathered.push_str(&piece),
                    None => return self.say(gathered).await,
                },
                () = sleep_until(flush_at), if !gathered.is_empty() => {
                    self.say(std::mem::take(&mut gathered)).await?;
                    flush_at = Instant::now() + GATHER;
                    beat_at = Instant::now() + BEAT;
                }
                () = sleep_until(beat_at) => {
                    self.beat().await?;
                    beat_at = Instant::now() + BEAT;
                }
            }
        }
    }

    /// One more piece of the answer, as far as there is room.
    async fn say(&mut self, text: String) -> Result<(), AnswerError> {
        if text.is_empty() {
            return Ok(());
        }
        let fits = fitting(&text, MAX_BYTES - self.content.len());
        if !fits.is_empty() {
            self.append("delta", json!({ "text": fits })).await?;
            self.content.push_str(fits);
        }
        if fits.len() < text.len() { Err(AnswerError::TooLong) } else { Ok(()) }
    }

    /// Stores an event, then shows it. A database that is away for a moment delays it.
    pub(crate) async fn append(&mut self, event: &str, data: Value) -> Result<(), AnswerError> {
        let row = StreamEventRow {
            workspace_id: self.workspace,
            stream_id: self.stream,
            seq: self.seq + 1,
            event: event.to_owned(),
            data,
            created_at: self.app.clock.now(),
        };
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.store(&row).await {
                Ok(stop) => self.heed(stop)?,
                // There is one writer, so the row that is in the way is this one: its commit was not heard of.
                Err(PgError::Conflict { .. }) => {}
                Err(error) if error.is_transient() && Instant::now() < deadline => {
                    sleep(RETRY).await;
                    continue;
                }
                Err(error) => {
                    tracing::error!(%error, stream = %self.stream, "a stream cannot be stored");
                    return Err(AnswerError::Interrupted);
                }
            }
            self.seq = row.seq;
            self.listed.live.show(row);
            return Ok(());
        }
    }

    async fn store(&self, row: &StreamEventRow) -> Result<Option<bool>, PgError> {
        let (stream, now) = (self.stream, self.app.clock.now());
        let write = async |tx: &mut TenantTx<'_>| -> Result<Option<bool>, PgError> {
            stream_event_append(tx, row).await?;
            live_stream_beat(tx, stream, now).await
        };
        self.app.pg.tenant("chat.stream_append", self.workspace, write).await
    }

    async fn beat(&self) -> Result<(), AnswerError> {
        let (stream, now) = (self.stream, self.app.clock.now());
        let beat = async |tx: &mut TenantTx<'_>| live_stream_beat(tx, stream, now).await;
        match self.app.pg.tenant("chat.stream_beat", self.workspace, beat).await {
            Ok(stop) => self.heed(stop),
            // The next event, or the next beat, will tell.
            Err(_) => Ok(()),
        }
    }

    fn heed(&self, stop: Option<bool>) -> Result<(), AnswerError> {
        match stop {
            Some(true) => self.listed.live.stop.cancel(),
            Some(false) => {}
            // Given up by a sweeper that thought us dead.
            None => return Err(AnswerError::Interrupted),
        }
        Ok(())
    }
}

/// The longest beginning of `text` within `room` bytes that ends between characters.
fn fitting(text: &str, room: usize) -> &str {
    let mut end = text.len().min(room);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(fitting("aä", 2), "a");
        assert_eq!(fitting("aä", 3), "aä");
        assert_eq!(fitting("ä", 0), "");
    }
}
