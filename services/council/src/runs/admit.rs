use std::time::Duration;

use serde_json::json;
use tokio::sync::oneshot;
use tracing::Instrument as _;
use witan_clients::Reserve;
use witan_ids::{ProjectId, RunId, StartupId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_telemetry::propagation;
use witan_web::{Problem, Result, codes};

use super::carry::{Carried, carry};
use super::failure;
use crate::app::App;
use crate::domain::sitting::Sitting;
use crate::domain::state::RunState;
use crate::projects;
use crate::store::leases::{LeaseRow, lease_insert};
use crate::store::projects::project_use;
use crate::store::runs::{NewRunRow, run_insert};

/// What the plan counts.
const METRIC: &str = "runs";
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
    pub(crate) profile: Option<String>,
    pub(crate) context: Option<String>,
}

/// Asks the council and waits for the run's end.
///
/// # Errors
/// 402 over the plan's limit, 503 without room; 502 or 503 when the run ended without an answer.
pub(crate) async fn ask(app: &App, asked: Asked) -> Result<RunId> {
    let slot = app.slots.clone().try_acquire_owned();
    let slot = slot.map_err(|_| {
        Problem::new(&codes::UNAVAILABLE)
            .detail("The council has as many questions as it can work on.")
            .retry_after(CROWDED)
    })?;
    let id = RunId::generate(&app.clock);
    reserve(app, asked.workspace_id, id).await?;
    let begun = begin(app, id, &asked).await.map_err(Problem::from);
    if let Err(problem) = begun.and_then(|begun| begun.then_some(()).ok_or_else(projects::unknown)) {
        give_back(app, asked.workspace_id, id).await;
        return Err(problem);
    }
    let (told, end) = oneshot::channel();
    let span = tracing::info_span!("council.run", otel.name = %format_args!("deliberate {}", asked.agent), run = %id);
    let carried = Carried { app: app.clone(), id, asked, slot };
    let work = async move {
        // Whoever asked may have gone; the run is stored all the same.
        let _ = told.send(Box::pin(carry(carried)).await);
    };
    app.lifecycle.spawn("council.run", work.instrument(span));
    match end.await {
        Ok(Ok(None)) => Ok(id),
        Ok(Ok(Some(code))) => Err(failed(id, code)),
        Ok(Err(error)) => Err(error.into()),
        Err(gone) => Err(Problem::internal(gone)),
    }
}

fn failed(id: RunId, code: &str) -> Problem {
    Problem::new(failure(code)).detail(format!("It is the run {id}.")).retry_after(CROWDED)
}

async fn reserve(app: &App, workspace_id: WorkspaceId, id: RunId) -> Result<()> {
    let wish = Reserve { workspace_id, metric: METRIC.to_owned(), amount: 1, reference: id.to_string() };
    let reserved = app.peers.billing.reserve(&wish).await;
    reserved.map(drop).map_err(|limit| Problem::new(&codes::billing::LIMIT_REACHED).detail(limit.to_string()))
}

async fn give_back(app: &App, workspace_id: WorkspaceId, id: RunId) {
    if let Err(error) = app.peers.billing.release(workspace_id, &id.to_string()).await {
        tracing::warn!(%id, error = &error as &dyn std::error::Error, "a reservation is left to lapse");
    }
}

/// False when its project is gone.
async fn begin(app: &App, id: RunId, asked: &Asked) -> std::result::Result<bool, PgError> {
    let now = app.clock.now();
    let row = NewRunRow {
        workspace_id: asked.workspace_id,
        id,
        user_id: asked.user_id,
        asked_by: asked.asked_by.clone(),
        agent: asked.agent.clone(),
        agent_version: asked.agent_version,
        prompt: asked.prompt.clone(),
        startup_id: asked.startup_id,
        project_id: asked.project_id,
        profile: asked.profile.clone(),
        context: asked.context.clone(),
        mode: asked.sitting.mode.as_str(),
        sitting: json!(asked.sitting),
        state: RunState::Running.as_str(),
        trace_id: propagation::current_trace_id(),
        asked: i16::try_from(asked.sitting.members.len()).unwrap_or(i16::MAX),
        required: i16::try_from(asked.sitting.quorum).unwrap_or(i16::MAX),
        created_at: now,
    };
    let lease = LeaseRow { run_id: id, tenant: asked.workspace_id, lease_until: now + app.lease };
    let insert = async |tx: &mut TenantTx<'_>| -> std::result::Result<bool, PgError> {
        if let Some(project) = row.project_id
            && !project_use(tx, project).await?
        {
            return Ok(false);
        }
        run_insert(tx, &row).await?;
        lease_insert(tx, &lease).await?;
        Ok(true)
    };
    app.pg.tenant("run.begin", asked.workspace_id, insert).await
}
