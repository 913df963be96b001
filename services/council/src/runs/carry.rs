use std::time::Duration;

use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, sleep};
use tracing::Instrument as _;
use witan_ids::{RunId, WorkspaceId};
use witan_llm::CancellationToken;
use witan_pg::{PgError, SystemTx};
use witan_web::sse::Listed;

use super::hold::Hold;
use super::load::{Loaded, load};
use super::purse::purse;
use super::record::{self, Record};
use super::retell::{Retold, retell};
use super::writer::Writer;
use crate::app::App;
use crate::deliberation::calls::Calls;
use crate::domain::outcome::Deliberation;
use crate::domain::prompt::Question;
use crate::domain::sitting::Sitting;
use crate::domain::state::RunState;
use crate::keys;
use crate::store::leases::lease_release;
use crate::store::run_events::RunEventRow;

/// A run that so many processes died of is not given to another one.
const MAX_ATTEMPTS: i16 = 10;
/// How long an answer that was paid for is held while the database is away.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(250);

/// A run whose lease this process has.
pub(super) struct Taken {
    pub(super) tenant: WorkspaceId,
    pub(super) id: RunId,
    /// The how-manieth time it is begun.
    pub(super) attempt: i16,
    /// Given back with the rest.
    pub(super) slot: OwnedSemaphorePermit,
}

/// Why a run stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// Somebody wants it to.
    Cancelled,
    /// Another process has it.
    Lost,
    /// This process is asked to end.
    Leaving,
}

/// Carries a run in a task of its own; whoever follows it finds it from now on.
pub(super) fn start(app: &App, taken: Taken) {
    let (listed, hold) = (app.live.list(taken.id), app.holds.hold(taken.id));
    let span = tracing::info_span!("council.run", run = %taken.id, attempt = taken.attempt);
    let owned = app.clone();
    let work = async move {
        let (id, app) = (taken.id, owned);
        let carried = Box::pin(carry(&app, &taken, &listed, &hold)).await;
        // Whoever sees the end finds room for another one.
        drop((taken.slot, hold));
        match carried {
            Ok(Some(last)) => listed.live.show(last),
            Ok(None) => {}
            Err(error) => {
                tracing::error!(run = %id, error = &error as &dyn std::error::Error, "a run could not be carried");
            }
        }
        app.wake.notify_one();
    };
    app.lifecycle.spawn("council.run", work.instrument(span));
}

/// Says what the run ended with, if it ended here.
async fn carry(
    app: &App,
    taken: &Taken,
    listed: &Listed<RunId, RunEventRow>,
    hold: &Hold,
) -> Result<Option<RunEventRow>, PgError> {
    let Some(run) = load(app, taken).await? else { return Ok(None) };
    let mut writer = Writer::new(app, &run, listed);
    let record = match &run.sitting {
        _ if run.state == RunState::Cancelling => Record::without(&run, record::cancelled(app.clock.now())),
        Some(sitting) if run.attempt <= MAX_ATTEMPTS => {
            let deliberated = deliberate(app, &run, sitting, (listed, hold), &mut writer);
            let (deliberation, told, stop) = Box::pin(deliberated).await?;
            match stop {
                Some(Stop::Lost) => return Ok(None),
                Some(Stop::Leaving) => return release(app, &run).await.map(|()| None),
                Some(Stop::Cancelled) | None => {
                    Record::of(&run, sitting, deliberation, app.clock.now()).having_told(told)
                }
            }
        }
        _ => Record::without(&run, record::interrupted(app.clock.now())),
    };
    match store(app, &record).await {
        Ok(last) => Ok(Some(last)),
        // Somebody else has it.
        Err(PgError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Deliberates while the log is written, until there is an end or a reason to stop.
async fn deliberate(
    app: &App,
    run: &Loaded,
    sitting: &Sitting,
    (listed, hold): (&Listed<RunId, RunEventRow>, &Hold),
    writer: &mut Writer<'_>,
) -> Result<(Deliberation, Option<Retold>, Option<Stop>), PgError> {
    let begun = if run.attempt > 1 && run.last_event > 0 {
        writer.tell("run.resumed", json!({ "runId": run.id, "attempt": run.attempt }))
    } else {
        let seats = (1..).zip(&sitting.members);
        let members: Vec<_> =
            seats.map(|(seat, model): (i32, _)| json!({ "seat": seat, "model": model })).collect();
        let about = json!({
            "runId": run.id, "agent": run.question.agent, "mode": sitting.mode, "members": members,
            "required": sitting.quorum,
        });
        writer.tell("run.started", about)
    };
    match begun.await {
        Ok(()) => {}
        Err(PgError::NotFound) => hold.lost.cancel(),
        Err(error) => return Err(error),
    }
    let cancel = CancellationToken::new();
    let (steps, told) = mpsc::unbounded_channel();
    let calls = app.panel.calls(seed(run.id), &cancel).resume(run.known.clone()).tell(steps);
    let calls = calls.with_keys(keys::of_workspace(app, run.tenant).await?);
    let calls = calls.within(purse(app, run), run.time.map(|time| Instant::now() + time));
    let question = Question {
        sitting,
        prompt: &run.question.prompt,
        profile: run.question.profile.as_deref(),
        context: run.question.context.as_deref(),
    };
    let work = async {
        let stopped = {
            let mut deliberation = std::pin::pin!(answer(app, run, &question, &calls));
            tokio::select! {
                (deliberation, told) = &mut deliberation => (deliberation, told, None),
                stop = stop(app, listed, hold) => {
                    // Closes every connection to a model.
                    cancel.cancel();
                    let (deliberation, told) = deliberation.await;
                    (deliberation, told, Some(stop))
                }
            }
        };
        // The writer's end.
        drop(calls);
        stopped
    };
    let written = async {
        let written = writer.drain(told).await;
        if written.is_err() {
            // Nothing is to be paid for that cannot be stored.
            hold.lost.cancel();
        }
        written
    };
    let (deliberated, written) = tokio::join!(work, written);
    match written {
        Ok(()) => Ok(deliberated),
        Err(PgError::NotFound) => Ok((deliberated.0, None, Some(Stop::Lost))),
        Err(error) => Err(error),
    }
}

/// Summarises the session first where that is needed; the time which that takes is not there for the answers.
async fn answer(
    app: &App,
    run: &Loaded,
    question: &Question<'_>,
    calls: &Calls,
) -> (Deliberation, Option<Retold>) {
    let began = Instant::now();
    let told = retell(app, run, question, calls).await;
    let took = began.elapsed();
    let mut sitting = question.sitting.clone();
    sitting.limits.answers = sitting.limits.answers.saturating_sub(took);
    let context = told.as_ref().map_or(question.context, |told| Some(told.context.as_str()));
    let question = Question { sitting: &sitting, context, ..question.clone() };
    let mut deliberation = app.panel.deliberate(&question, calls).await;
    deliberation.timings.total += took;
    (deliberation, told)
}

async fn stop(app: &App, listed: &Listed<RunId, RunEventRow>, hold: &Hold) -> Stop {
    let stopping = app.lifecycle.stopping();
    tokio::select! {
        biased;
        () = hold.lost.cancelled() => Stop::Lost,
        () = listed.live.stop.cancelled() => Stop::Cancelled,
        () = stopping.cancelled() => Stop::Leaving,
    }
}

/// What a run decides by chance follows from its id: whoever carries it decides the same.
fn seed(id: RunId) -> [u8; 32] {
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(id.uuid().as_bytes());
    seed
}

/// Leaves the run to another process.
async fn release(app: &App, run: &Loaded) -> Result<(), PgError> {
    let (id, holder, now) = (run.id, app.holder, app.clock.now());
    let release = async |tx: &mut SystemTx<'_>| lease_release(tx, id, holder, now).await;
    app.pg.tx("run.release", release).await
}

/// Stores the end, patiently: it was paid for.
async fn store(app: &App, record: &Record) -> Result<RunEventRow, PgError> {
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
