//! Ends the answers of processes that died. One replica at a time does it; two at once would hurt nobody, because a
//! message ends once and silent streams are taken with SKIP LOCKED.

use std::time::Duration;

use witan_clock::Clock;
use witan_pg::{Pg, PgError, SystemTx, TenantTx};

use crate::domain::outcome::AnswerError;
use crate::generation::finish::{Ending, Subject, finish};
use crate::store::conversations::conversation_get;
use crate::store::live_streams::{LiveStreamRow, live_stream_delete, live_stream_silent};
use crate::store::messages::message_find;
use crate::store::stream_events::stream_event_said;

/// How often silent streams are looked for.
pub(crate) const EVERY: Duration = Duration::from_secs(10);
/// Writers say every second that they are alive; a database may be away for a while.
const SILENCE: Duration = Duration::from_secs(30);
const BATCH: i64 = 50;

/// One round.
pub(crate) async fn sweep(pg: &Pg, clock: &Clock) -> Result<(), PgError> {
    let before = clock.now() - SILENCE;
    let round = async |tx: &mut SystemTx<'_>| -> Result<usize, PgError> {
        let silent = live_stream_silent(tx, before, BATCH).await?;
        for stream in &silent {
            let mut tenant = tx.tenant(stream.tenant);
            end(&mut tenant, clock, stream).await?;
        }
        Ok(silent.len())
    };
    let ended = pg.tx("chat.sweep", round).await?;
    if ended > 0 {
        tracing::warn!(ended, "answers of a dead process were ended");
    }
    Ok(())
}

async fn end(tx: &mut TenantTx<'_>, clock: &Clock, stream: &LiveStreamRow) -> Result<(), PgError> {
    let message = message_find(tx, stream.message_id).await?;
    let conversation = match &message {
        Some(message) => conversation_get(tx, message.conversation_id).await?,
        None => None,
    };
    if let (Some(message), Some(conversation)) = (message, conversation) {
        let (content, seq) = stream_event_said(tx, stream.stream_id).await?;
        let subject = Subject {
            message: message.id,
            stream: stream.stream_id,
            persona: conversation.persona_id,
            owner: conversation.owner_id,
        };
        let ending = Ending { outcome: Err(AnswerError::Interrupted), content, seq };
        finish(tx, clock, subject, &ending).await?;
    }
    // Also when the conversation was deleted meanwhile, or the message had ended.
    live_stream_delete(tx, stream.stream_id).await
}
