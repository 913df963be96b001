use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep};
use witan_ids::RunId;
use witan_llm::CancellationToken;
use witan_pg::{PgError, SystemTx};
use witan_web::codes;

use super::admit::Asked;
use super::record::{self, Record};
use crate::app::App;
use crate::domain::outcome::Deliberation;
use crate::domain::prompt::Question;
use crate::store::leases::lease_extend;

/// How long an answer that was paid for is held while the database is away.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(250);

/// A run and what it holds.
pub(super) struct Carried {
    pub(super) app: App,
    pub(super) id: RunId,
    pub(super) asked: Asked,
    /// Given back with the rest.
    pub(super) slot: OwnedSemaphorePermit,
}

/// Deliberates and stores the end. Returns the failure's code, if it failed.
pub(super) async fn carry(carried: Carried) -> Result<Option<&'static str>, PgError> {
    let Carried { app, id, asked, slot } = carried;
    let cancel = app.lifecycle.stopping().child_token();
    let deliberation = tokio::select! {
        deliberation = deliberate(&app, id, &asked, &cancel) => deliberation,
        // Somebody else ended the run; dropping the deliberation closes every call to a model.
        () = keep_lease(&app, id) => return Ok(Some(codes::council::INTERRUPTED.code)),
    };
    let record = Record::of(id, &asked, deliberation, app.clock.now());
    let stored = store(&app, &record).await;
    drop(slot);
    match stored {
        Ok(()) => Ok(record.end.failure_code),
        Err(PgError::NotFound) => Ok(Some(codes::council::INTERRUPTED.code)),
        Err(error) => {
            tracing::error!(%id, error = &error as &dyn std::error::Error, "the end of a run could not be stored");
            Err(error)
        }
    }
}

async fn deliberate(app: &App, id: RunId, asked: &Asked, cancel: &CancellationToken) -> Deliberation {
    let question = Question {
        sitting: &asked.sitting,
        prompt: &asked.prompt,
        profile: asked.profile.as_deref(),
        context: asked.context.as_deref(),
    };
    app.panel.deliberate(&question, &app.panel.calls(seed(id), cancel)).await
}

/// What a run decides by chance follows from its id: whoever carries it decides the same.
fn seed(id: RunId) -> [u8; 32] {
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(id.uuid().as_bytes());
    seed
}

/// Extends the lease three times in its length; returns when it is gone.
async fn keep_lease(app: &App, id: RunId) {
    loop {
        sleep(app.lease / 3).await;
        let until = app.clock.now() + app.lease;
        let extend =
            async |tx: &mut SystemTx<'_>| -> Result<bool, PgError> { lease_extend(tx, id, until).await };
        match app.pg.tx("run.lease", extend).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(%id, error = &error as &dyn std::error::Error, "a lease was not extended")
            }
        }
    }
}

/// Stores the end, patiently: it was paid for.
async fn store(app: &App, record: &Record) -> Result<(), PgError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match record::store(app, record).await {
            Err(error) if error.is_transient() && Instant::now() < until => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the end of a run waits for the database"
                );
                sleep(PAUSE).await;
            }
            stored => return stored,
        }
    }
}
