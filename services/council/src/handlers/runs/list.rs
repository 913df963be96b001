use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use witan_ids::{ProjectId, RunId, StartupId, UserId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Paging, Query, Result, State, Tenant};

use super::view::{Failure, Money};
use crate::app::App;
use crate::domain::mode::Mode;
use crate::domain::state::RunState;
use crate::store::runs::{RunFilter, RunSummaryRow, run_list};

/// How much of a question a list shows.
const EXCERPT: usize = 200;

/// Which runs to list.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// Of this agent only.
    #[param(max_length = 60, example = "finance")]
    agent: Option<String>,
    /// In this state only.
    #[param(inline)]
    state: Option<RunState>,
    /// About this start-up only.
    startup_id: Option<StartupId>,
    /// Of this project only.
    project_id: Option<ProjectId>,
}

/// A run in short.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunSummary {
    id: RunId,
    #[schema(example = "finance")]
    agent: String,
    mode: Mode,
    state: RunState,
    /// The beginning of the question.
    excerpt: String,
    startup_id: Option<StartupId>,
    project_id: Option<ProjectId>,
    /// Whether this was less than the council that was asked for.
    degraded: bool,
    failure: Option<Failure>,
    cost: Money,
    /// From the question to the end.
    total_ms: i32,
    /// Who asked.
    created_by: UserId,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

/// Lists the workspace's runs, newest first.
#[utoipa::path(get, path = "/api/v1/agents/runs", operation_id = "listRuns", tag = "runs",
    params(RunsQuery, Paging), responses((status = 200, description = "Runs", body = Page<RunSummary>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<RunsQuery>,
    paging: Paging,
) -> Result<Page<RunSummary>> {
    let RunsQuery { agent, state, startup_id, project_id } = query;
    let filter = RunFilter { agent, state, startup_id, project_id };
    let bound = ("runs", tenant.workspace_id, &filter.agent, filter.state, startup_id, project_id);
    let before: Option<RunId> = paging.position(&app.cursors, &bound)?;
    let list = async |tx: &mut TenantTx<'_>| -> std::result::Result<_, PgError> {
        run_list(tx, &filter, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("run.list", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&bound, &row.id));
    Ok(page.map(RunSummary::from))
}

impl From<RunSummaryRow> for RunSummary {
    fn from(row: RunSummaryRow) -> Self {
        Self {
            id: row.id,
            agent: row.agent,
            mode: Mode::from_column(&row.mode).unwrap_or(Mode::Council),
            state: RunState::from_column(&row.state).unwrap_or(RunState::Failed),
            excerpt: row.prompt.chars().take(EXCERPT).collect(),
            startup_id: row.startup_id,
            project_id: row.project_id,
            degraded: row.degraded,
            failure: row.failure_code.as_deref().map(Failure::of),
            cost: Money::dollars(row.cost_micros),
            total_ms: row.total_ms,
            created_by: row.user_id,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}
