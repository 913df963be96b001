//! What the models of a run are told of a session that has no room in their window: its beginning as a model summarises it.
//!
//! The summary is a call of the run like every other one, so that whoever carries the run on finds it in the journal. It
//! becomes the session's with the end of the run; the next question adds to it only what was said since.

use serde_json::json;
use witan_ids::RunId;
use witan_pg::{PgError, TenantTx};

use super::load::Loaded;
use crate::app::App;
use crate::deliberation::calls::Calls;
use crate::domain::prompt::Question;
use crate::domain::window::{Outline, Read, Summary, room_to_summarise};
use crate::sessions;
use crate::store::runs::{run_session, run_told};
use crate::store::sessions::session_summarise;

/// What the models are told of what was said before, and how much of the session that is.
#[derive(Debug, Clone)]
pub(super) struct Retold {
    pub(super) context: String,
    read: Read,
    /// What was summarised for it.
    summary: Option<Summary>,
}

/// Summarises the session, if that is what the run begins with. None where it is not, or where the run is given up.
pub(super) async fn retell(
    app: &App,
    run: &Loaded,
    question: &Question<'_>,
    calls: &Calls,
) -> Option<Retold> {
    let outline: Outline = serde_json::from_value(run.question.session_outline.clone()?).ok()?;
    let together = |text: &str| match question.context {
        Some(context) => format!("{text}\n\n{context}"),
        None => text.to_owned(),
    };
    let otherwise = together(&outline.otherwise);
    // The budget must allow what is asked without a summary.
    let shortened = Question { context: Some(&otherwise), ..question.clone() };
    let summarised = summarise(app, run, &shortened, &outline, calls).await;
    if calls.is_cancelled() {
        return None;
    }
    Some(match summarised {
        Some((summary, material)) => {
            let (text, read) = outline.tell(&summary, material);
            Retold { context: together(&text), read, summary: Some(summary) }
        }
        None => Retold { context: otherwise, read: outline.otherwise_read, summary: None },
    })
}

async fn summarise(
    app: &App,
    run: &Loaded,
    question: &Question<'_>,
    outline: &Outline,
    calls: &Calls,
) -> Option<(Summary, Read)> {
    let session = run.question.session_id?;
    let older = sessions::older(app, run.tenant, session, outline).await;
    let older = older.inspect_err(|error| {
        tracing::warn!(error = error as &dyn std::error::Error, "a session cannot be read")
    });
    let window = app.panel.models().get(&outline.by).and_then(|model| model.context_tokens);
    // Nothing is left of a session that was deleted meanwhile.
    let (said, material) = outline.material(older.ok()?, room_to_summarise(window))?;
    let earlier = outline.summary.as_ref().map(|summary| summary.text.as_str());
    let text = app.panel.summarise(question, (earlier, &said), &outline.by, calls).await?;
    Some((outline.summarised(&text, material), material))
}

/// Stores what the models of a run were told, and the summary with the session if that is still there.
pub(super) async fn store_told(tx: &mut TenantTx<'_>, run: RunId, told: &Retold) -> Result<(), PgError> {
    run_told(tx, run, &told.context, json!(told.read)).await?;
    let Some(summary) = &told.summary else { return Ok(()) };
    match run_session(tx, run).await? {
        Some((session, _)) => session_summarise(tx, session, summary).await,
        None => Ok(()),
    }
}
