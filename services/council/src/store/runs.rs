use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use witan_ids::{AgentSessionId, ProjectId, RunId, StartupId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _, expect_one, prepared};

use crate::domain::state::RunState;
use crate::schema::runs as table;

/// A run as it begins.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct NewRunRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: RunId,
    pub(crate) user_id: UserId,
    pub(crate) asked_by: Option<String>,
    pub(crate) agent: String,
    pub(crate) agent_version: Option<i32>,
    pub(crate) prompt: String,
    pub(crate) startup_id: Option<StartupId>,
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) profile: Option<String>,
    pub(crate) context: Option<String>,
    pub(crate) session_id: Option<AgentSessionId>,
    pub(crate) session_read: Option<Value>,
    pub(crate) session_outline: Option<Value>,
    pub(crate) chat: Option<String>,
    pub(crate) mode: &'static str,
    pub(crate) sitting: Value,
    pub(crate) state: &'static str,
    pub(crate) trace_id: Option<String>,
    pub(crate) asked: i16,
    pub(crate) required: i16,
    pub(crate) budget: Option<Value>,
    pub(crate) parent_id: Option<RunId>,
    pub(crate) depth: i16,
    pub(crate) created_at: DateTime<Utc>,
}

/// What of a run its models are asked, and how far it is.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct QuestionRow {
    pub(crate) agent: String,
    pub(crate) prompt: String,
    pub(crate) profile: Option<String>,
    pub(crate) context: Option<String>,
    pub(crate) session_id: Option<AgentSessionId>,
    /// What of its session is to be summarised before anybody is asked.
    pub(crate) session_outline: Option<Value>,
    pub(crate) sitting: Option<Value>,
    pub(crate) budget: Option<Value>,
    pub(crate) state: String,
    pub(crate) started_at: Option<DateTime<Utc>>,
}

/// What a run's end changes.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = table)]
pub(crate) struct RunEnd {
    pub(crate) state: &'static str,
    pub(crate) failure_code: Option<&'static str>,
    pub(crate) answered: i16,
    pub(crate) reviewed: i16,
    pub(crate) degraded: bool,
    pub(crate) answer: Option<String>,
    pub(crate) chair: Option<String>,
    pub(crate) disagreement: Option<Value>,
    pub(crate) vote: Option<Value>,
    pub(crate) kendalls_w: Option<f64>,
    pub(crate) effective_votes: Option<f64>,
    pub(crate) input_tokens: i64,
    pub(crate) output_tokens: i64,
    pub(crate) tokens_estimated: bool,
    pub(crate) cost_micros: i64,
    pub(crate) chair_input_tokens: i64,
    pub(crate) chair_output_tokens: i64,
    pub(crate) chair_cost_micros: i64,
    pub(crate) answers_ms: i32,
    pub(crate) critique_ms: i32,
    pub(crate) synthesis_ms: i32,
    pub(crate) total_ms: i32,
    pub(crate) finished_at: DateTime<Utc>,
}

/// A run.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct RunRow {
    pub(crate) id: RunId,
    pub(crate) user_id: UserId,
    pub(crate) agent: String,
    pub(crate) agent_version: Option<i32>,
    pub(crate) prompt: String,
    pub(crate) startup_id: Option<StartupId>,
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) session_id: Option<AgentSessionId>,
    pub(crate) session_read: Option<Value>,
    pub(crate) mode: String,
    pub(crate) state: String,
    pub(crate) failure_code: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) asked: i16,
    pub(crate) required: i16,
    pub(crate) answered: i16,
    pub(crate) reviewed: i16,
    pub(crate) degraded: bool,
    pub(crate) answer: Option<String>,
    pub(crate) chair: Option<String>,
    pub(crate) disagreement: Option<Value>,
    pub(crate) vote: Option<Value>,
    pub(crate) kendalls_w: Option<f64>,
    pub(crate) effective_votes: Option<f64>,
    pub(crate) input_tokens: i64,
    pub(crate) output_tokens: i64,
    pub(crate) tokens_estimated: bool,
    pub(crate) cost_micros: i64,
    pub(crate) chair_input_tokens: i64,
    pub(crate) chair_output_tokens: i64,
    pub(crate) chair_cost_micros: i64,
    pub(crate) answers_ms: i32,
    pub(crate) critique_ms: i32,
    pub(crate) synthesis_ms: i32,
    pub(crate) total_ms: i32,
    pub(crate) budget: Option<Value>,
    pub(crate) parent_id: Option<RunId>,
    pub(crate) depth: i16,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

/// A run as lists show it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct RunSummaryRow {
    pub(crate) id: RunId,
    pub(crate) user_id: UserId,
    pub(crate) agent: String,
    pub(crate) prompt: String,
    pub(crate) startup_id: Option<StartupId>,
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) mode: String,
    pub(crate) state: String,
    pub(crate) failure_code: Option<String>,
    pub(crate) degraded: bool,
    pub(crate) cost_micros: i64,
    pub(crate) total_ms: i32,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

/// Which runs to list.
#[derive(Debug, Default)]
pub(crate) struct RunFilter {
    pub(crate) agent: Option<String>,
    pub(crate) state: Option<RunState>,
    pub(crate) startup_id: Option<StartupId>,
    pub(crate) project_id: Option<ProjectId>,
}

pub(crate) async fn run_insert(tx: &mut TenantTx<'_>, row: &NewRunRow) -> Result<(), PgError> {
    expect_one(prepared(diesel::insert_into(table::table).values(row)).execute(tx.conn()).await?)
}

/// Takes a step. `NotFound`: the run is not where it was thought to be.
pub(crate) async fn run_step(
    tx: &mut TenantTx<'_>,
    id: RunId,
    from: RunState,
    to: RunState,
) -> Result<(), PgError> {
    let there = table::table.find((tx.workspace_id(), id)).filter(table::state.eq(from.as_str()));
    expect_one(prepared(diesel::update(there).set(table::state.eq(to.as_str()))).execute(tx.conn()).await?)
}

/// Notes when the run was begun for the first time.
pub(crate) async fn run_start(tx: &mut TenantTx<'_>, id: RunId, now: DateTime<Utc>) -> Result<(), PgError> {
    let there = table::table.find((tx.workspace_id(), id)).filter(table::started_at.is_null());
    prepared(diesel::update(there).set(table::started_at.eq(now))).execute(tx.conn()).await?;
    Ok(())
}

/// Notes what the models were told of the session, and all else that was said before.
pub(crate) async fn run_told(
    tx: &mut TenantTx<'_>,
    id: RunId,
    context: &str,
    read: Value,
) -> Result<(), PgError> {
    let there = table::table.find((tx.workspace_id(), id));
    let told = (table::context.eq(context), table::session_read.eq(read));
    expect_one(diesel::update(there).set(told).execute(tx.conn()).await?)
}

/// Ends a run that is there. `NotFound`: somebody else was faster.
pub(crate) async fn run_end(
    tx: &mut TenantTx<'_>,
    id: RunId,
    from: RunState,
    end: &RunEnd,
) -> Result<(), PgError> {
    let there = table::table.find((tx.workspace_id(), id)).filter(table::state.eq(from.as_str()));
    let end = (end, table::session_outline.eq(None::<Value>));
    expect_one(prepared(diesel::update(there).set(end)).execute(tx.conn()).await?)
}

pub(crate) async fn run_question(tx: &mut TenantTx<'_>, id: RunId) -> Result<Option<QuestionRow>, PgError> {
    let query = table::table.find((tx.workspace_id(), id)).select(QuestionRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

pub(crate) async fn run_find(tx: &mut TenantTx<'_>, id: RunId) -> Result<Option<RunRow>, PgError> {
    let query = table::table.find((tx.workspace_id(), id)).select(RunRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// The runs that it started.
pub(crate) async fn run_children(tx: &mut TenantTx<'_>, id: RunId) -> Result<Vec<RunId>, PgError> {
    let of_run = table::workspace_id.eq(tx.workspace_id()).and(table::parent_id.eq(id));
    Ok(table::table.filter(of_run).select(table::id).load(tx.conn()).await?)
}

/// The session that a run was asked in, if any, and whose it is.
pub(crate) async fn run_session(
    tx: &mut TenantTx<'_>,
    id: RunId,
) -> Result<Option<(AgentSessionId, UserId)>, PgError> {
    let query = table::table.find((tx.workspace_id(), id)).select((table::session_id, table::user_id));
    let found: Option<(Option<AgentSessionId>, UserId)> = query.first(tx.conn()).await.optional()?;
    Ok(found.and_then(|(session, user)| Some((session?, user))))
}

/// The newest run of somebody's chat, if it has not ended.
pub(crate) async fn run_of_chat(
    tx: &mut TenantTx<'_>,
    user: UserId,
    chat: &str,
) -> Result<Option<RunId>, PgError> {
    let newest = table::table
        .filter(table::workspace_id.eq(tx.workspace_id()))
        .filter(table::user_id.eq(user))
        .filter(table::chat.eq(chat))
        .order(table::id.desc())
        .select((table::id, table::state));
    let found: Option<(RunId, String)> = newest.first(tx.conn()).await.optional()?;
    let open = |state: &str| RunState::from_column(state).is_some_and(|state| !state.has_ended());
    Ok(found.filter(|(_, state)| open(state)).map(|(id, _)| id))
}

/// Newest first.
pub(crate) async fn run_list(
    tx: &mut TenantTx<'_>,
    filter: &RunFilter,
    before: Option<RunId>,
    limit: i64,
) -> Result<Vec<RunSummaryRow>, PgError> {
    let mut query = table::table
        .filter(table::workspace_id.eq(tx.workspace_id()))
        .select(RunSummaryRow::as_select())
        .into_boxed();
    if let Some(agent) = &filter.agent {
        query = query.filter(table::agent.eq(agent));
    }
    if let Some(state) = filter.state {
        query = query.filter(table::state.eq(state.as_str()));
    }
    if let Some(startup) = filter.startup_id {
        query = query.filter(table::startup_id.eq(startup));
    }
    if let Some(project) = filter.project_id {
        query = query.filter(table::project_id.eq(project));
    }
    if let Some(before) = before {
        query = query.filter(table::id.lt(before));
    }
    Ok(query.order(table::id.desc()).limit(limit).load(tx.conn()).await?)
}
