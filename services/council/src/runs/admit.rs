use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use witan_clients::Reserve;
use witan_ids::{ProjectId, RunId, StartupId, UserId, WorkspaceId};
use witan_web::sse::Follower;
use witan_web::{Problem, Result, codes};

use super::begin::{Begun, begin};
use super::carry::{Taken, start};
use super::failure;
use super::follow::{RunLog, follow};
use crate::app::App;
use crate::domain::budget::RunBudget;
use crate::domain::prompt::Question;
use crate::domain::sitting::Sitting;
use crate::domain::state::RunState;
use crate::sessions::Told;

/// What the plan counts.
const METRIC: &str = "runs";
/// What the plan counts in millionths of the currency.
const COST: &str = "costMicros";
/// That billing reserves at a time.
const MOST: i64 = 1_000_000_000_000;
/// How long a process that is asked to end still waits for a run on somebody's behalf.
const LAST_CALL: Duration = Duration::from_secs(5);
/// When to come back while there is no room.
const CROWDED: Duration = Duration::from_secs(5);

/// A question that was understood.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) user_id: UserId,
    /// The service that asks on the user's behalf, if one does.
    pub(crate) asked_by: Option<String>,
    /// The agent's slug.
    pub(crate) agent: String,
    /// Of the workspace's own.
    pub(crate) agent_version: Option<i32>,
    pub(crate) sitting: Sitting,
    pub(crate) prompt: String,
    pub(crate) startup_id: Option<StartupId>,
    pub(crate) project_id: Option<ProjectId>,
    /// The session that it is asked in, as the models are told it.
    pub(crate) session: Option<Told>,
    /// What the asker's front end calls the chat that it is asked in.
    pub(crate) chat: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) context: Option<String>,
    /// What the run may take.
    pub(crate) budget: RunBudget,
    /// The run that starts this one and pays for it, if one does.
    pub(crate) parent: Option<RunId>,
}

/// Asks the council and waits for the run's end.
///
/// # Errors
/// 402 over the plan's limit or without a budget, 503 without room; 402, 409, 502 or 503 when the run ended without an
/// answer.
pub(crate) async fn ask(app: &App, asked: Asked) -> Result<RunId> {
    let slot = app.slots.clone().try_acquire_owned().map_err(|_| {
        Problem::new(&codes::UNAVAILABLE)
            .detail("The council has as many questions as it can work on.")
            .retry_after(CROWDED)
    })?;
    let id = admit(app, &asked, Some(slot)).await?;
    let ended = Box::pin(end(id, follow(app, asked.workspace_id, id, 0)));
    tokio::select! {
        ended = ended => ended.map(|()| id),
        () = leaving(app) => {
            let detail = format!("The run {id} goes on: ask for it, or follow it.");
            Err(Problem::new(&codes::DRAINING).detail(detail).retry_after(CROWDED))
        }
    }
}

/// Returns when this process is about to end: a run that does not end soon is another one's.
async fn leaving(app: &App) {
    app.lifecycle.draining().cancelled().await;
    tokio::time::sleep(LAST_CALL).await;
}

/// Asks the council and does not wait: the question is stored, and a process with room for it works on it.
///
/// # Errors
/// 402 over the plan's limit or without a budget.
pub(crate) async fn queue(app: &App, asked: Asked) -> Result<RunId> {
    let id = admit(app, &asked, None).await?;
    app.wake.notify_one();
    Ok(id)
}

/// Stores the question. With a slot, this process carries the run from the start.
async fn admit(app: &App, asked: &Asked, slot: Option<OwnedSemaphorePermit>) -> Result<RunId> {
    let budget = asked.budget.and(app.budget);
    if budget.is_empty() {
        return Err(Problem::new(&codes::council::BUDGET_EXHAUSTED));
    }
    let id = RunId::generate(&app.clock);
    reserve(app, asked.workspace_id, id, METRIC, 1).await?;
    let cost = cost(app, asked, budget);
    if cost > 0
        && let Err(problem) = reserve(app, asked.workspace_id, id, COST, cost).await
    {
        give_back(app, asked.workspace_id, id).await;
        return Err(problem);
    }
    let begun = begin(app, id, asked, budget, slot.is_some()).await.map_err(Problem::from);
    if let Err(problem) = begun.and_then(Begun::or_refused) {
        give_back(app, asked.workspace_id, id).await;
        return Err(problem);
    }
    if let Some(slot) = slot {
        start(app, Taken { tenant: asked.workspace_id, id, attempt: 1, slot });
    }
    Ok(id)
}

/// What it may cost, which is taken from the plan until it is known what it did cost. Nothing where no price is known.
fn cost(app: &App, asked: &Asked, budget: RunBudget) -> i64 {
    let told = asked.session.as_ref().and_then(|session| session.outline.as_ref());
    let question = Question {
        sitting: &asked.sitting,
        prompt: &asked.prompt,
        profile: asked.profile.as_deref(),
        context: told.map(|outline| outline.otherwise.as_str()).or(asked.context.as_deref()),
    };
    let estimate = app.panel.estimate(&question);
    let most = budget.cost_micros.map_or(estimate, |limit| limit.min(estimate));
    i64::try_from(most).unwrap_or(i64::MAX).min(MOST)
}

/// Waits for the end of a run.
async fn end(id: RunId, mut log: Follower<RunLog>) -> Result<()> {
    let gone = || Problem::new(&codes::council::INTERRUPTED);
    loop {
        let event = log.next().await?.ok_or_else(gone)?;
        match event.event.as_str() {
            "done" if event.data["state"] == RunState::Cancelled.as_str() => {
                return Err(Problem::new(&codes::council::CANCELLED).detail(format!("It is the run {id}.")));
            }
            "done" => return Ok(()),
            "error" => {
                let code = failure(event.data["code"].as_str().unwrap_or_default());
                return Err(Problem::new(code).detail(format!("It is the run {id}.")).retry_after(CROWDED));
            }
            _ => {}
        }
    }
}

async fn reserve(app: &App, workspace_id: WorkspaceId, id: RunId, metric: &str, amount: i64) -> Result<()> {
    let wish = Reserve { workspace_id, metric: metric.to_owned(), amount, reference: id.to_string() };
    let reserved = app.peers.billing.reserve(&wish).await;
    reserved.map(drop).map_err(|limit| Problem::new(&codes::billing::LIMIT_REACHED).detail(limit.to_string()))
}

async fn give_back(app: &App, workspace_id: WorkspaceId, id: RunId) {
    if let Err(error) = app.peers.billing.release(workspace_id, &id.to_string()).await {
        tracing::warn!(%id, error = &error as &dyn std::error::Error, "a reservation is left to lapse");
    }
}
