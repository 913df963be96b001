use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tracing::Instrument as _;
use witan_pg::TenantTx;

use super::Listed;
use super::begin::Begun;
use super::finish::{Ending, Subject, finish};
use super::writer::Writer;
use crate::answer::{Answered, Backend, Question, answer};
use crate::app::App;
use crate::domain::outcome::AnswerError;

/// Pieces that wait to be stored.
const QUEUE: usize = 64;
/// How long the end of an answer waits for a database that is away; then the sweeper ends it.
const PATIENCE: Duration = Duration::from_secs(15);
const RETRY: Duration = Duration::from_millis(500);

/// Starts the making of an answer. It belongs to the process, not to the request; its span belongs to the request's trace.
pub(crate) fn start(app: &App, begun: Begun, question: Question, backend: Backend) {
    let listed = app.live.list(begun.stream);
    let span = tracing::info_span!("chat.answer", message = %begun.answer.id, persona = %question.persona_id);
    let app = app.clone();
    let lifecycle = app.lifecycle.clone();
    let work = async move { run(&app, &begun, &question, backend, &listed).await };
    lifecycle.spawn("chat.answer", work.instrument(span));
}

async fn run(app: &App, begun: &Begun, question: &Question, backend: Backend, listed: &Listed) {
    let mut writer = Writer::new(app, question.workspace_id, begun.stream, listed);
    let outcome = make(app, begun, question, backend, listed, &mut writer).await;
    if let Err(error) = &outcome {
        tracing::info!(code = error.code(), message = %begun.answer.id, "an answer ended early");
    }
    let (content, seq) = (std::mem::take(&mut writer.content), writer.seq);
    end(app, begun, question, listed, Ending { outcome, content, seq }).await;
}

async fn make(
    app: &App,
    begun: &Begun,
    question: &Question,
    backend: Backend,
    listed: &Listed,
    writer: &mut Writer<'_>,
) -> Result<Answered, AnswerError> {
    let start = json!({
        "conversationId": begun.conversation,
        "messageId": begun.answer.id,
        "questionId": begun.question,
        "personaId": question.persona_id,
        "streamId": begun.stream,
    });
    writer.append("start", start).await?;
    let (pieces, received) = mpsc::channel(QUEUE);
    let stopping = app.lifecycle.stopping();
    let asked = async {
        tokio::select! {
            biased;
            outcome = answer(app, backend, question, pieces, &listed.live.stop) => outcome,
            () = stopping.cancelled() => Err(AnswerError::Interrupted),
        }
    };
    let (outcome, written) = tokio::join!(asked, writer.drain(received));
    // What could not be written explains why nobody wanted the rest.
    written.and(outcome)
}

async fn end(app: &App, begun: &Begun, question: &Question, listed: &Listed, ending: Ending) {
    let subject = Subject {
        message: begun.answer.id,
        stream: begun.stream,
        persona: question.persona_id,
        owner: begun.owner,
    };
    let write = async |tx: &mut TenantTx<'_>| finish(tx, &app.clock, subject, &ending).await;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match app.pg.tenant("chat.finish", question.workspace_id, write).await {
            Ok(Some(last)) => {
                listed.live.show(last);
                return;
            }
            Ok(None) => return,
            Err(error) if error.is_transient() && Instant::now() < deadline => sleep(RETRY).await,
            Err(error) => {
                tracing::error!(%error, message = %begun.answer.id, "the end of an answer cannot be stored");
                return;
            }
        }
    }
}
