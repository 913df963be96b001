use serde_json::{Value, json};
use witan_ids::RunId;
use witan_pg::{PgError, TenantTx};
use witan_telemetry::propagation;
use witan_web::{Problem, Result, Violations, codes};

use super::admit::Asked;
use super::draw::{Drawn, MAX_DEPTH, draw, settle};
use crate::app::App;
use crate::domain::budget::{RunBudget, Take};
use crate::domain::state::RunState;
use crate::store::leases::{LeaseRow, lease_insert};
use crate::store::projects::project_use;
use crate::store::runs::{NewRunRow, run_insert};
use crate::{projects, sessions};

/// Whether a question was stored.
pub(super) enum Begun {
    Stored,
    ProjectGone,
    SessionOver,
    /// There is no such run to start it.
    NoParent,
    TooDeep,
    Exhausted,
}

impl Begun {
    pub(super) fn or_refused(self) -> Result<()> {
        match self {
            Self::Stored => Ok(()),
            Self::ProjectGone => Err(projects::unknown()),
            Self::SessionOver => Err(sessions::over()),
            Self::NoParent => Err(unfit("validation.not_found", "there is no such run under way".to_owned())),
            Self::TooDeep => {
                Err(unfit("validation.invalid", format!("no more than {MAX_DEPTH} runs may stand above one")))
            }
            Self::Exhausted => Err(Problem::new(&codes::council::BUDGET_EXHAUSTED)),
        }
    }
}

fn unfit(code: &'static str, why: String) -> Problem {
    let mut violations = Violations::new();
    violations.push("/parentRunId", code, why);
    violations.into()
}

/// Writes the question and its lease, or nothing.
pub(super) async fn begin(
    app: &App,
    id: RunId,
    asked: &Asked,
    budget: RunBudget,
    held: bool,
) -> std::result::Result<Begun, PgError> {
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
        session_id: asked.session.as_ref().map(|session| session.id),
        // Known once it is summarised, where it is to be.
        session_read: asked
            .session
            .as_ref()
            .filter(|session| session.outline.is_none())
            .map(|session| json!(session.read)),
        session_outline: asked
            .session
            .as_ref()
            .and_then(|session| session.outline.as_ref().map(|outline| json!(outline))),
        chat: asked.chat.clone(),
        mode: asked.sitting.mode.as_str(),
        sitting: json!(asked.sitting),
        state: RunState::Queued.as_str(),
        trace_id: propagation::current_trace_id(),
        asked: i16::try_from(asked.sitting.members.len()).unwrap_or(i16::MAX),
        required: i16::try_from(asked.sitting.quorum).unwrap_or(i16::MAX),
        budget: stored(budget),
        parent_id: asked.parent,
        depth: 0,
        created_at: now,
    };
    let lease = LeaseRow {
        run_id: id,
        tenant: asked.workspace_id,
        lease_until: if held { now + app.lease } else { now },
        holder: held.then_some(app.holder),
        attempts: i16::from(held),
        cancel_requested: false,
        drawn_cost: 0,
        drawn_tokens: 0,
        drawn_calls: 0,
        spent_cost: 0,
        spent_tokens: 0,
        spent_calls: 0,
        reserved_cost: 0,
        reserved_tokens: 0,
        reserved_calls: 0,
    };
    let insert = async |tx: &mut TenantTx<'_>| -> std::result::Result<Begun, PgError> {
        if let Some(project) = row.project_id
            && !project_use(tx, project).await?
        {
            return Ok(Begun::ProjectGone);
        }
        let mut row = row.clone();
        let mut within = budget;
        if let Some(parent) = row.parent_id {
            match draw(tx, parent, budget, now).await? {
                Drawn::Within { budget, depth } => {
                    within = budget;
                    (row.budget, row.depth) = (stored(budget), depth);
                }
                Drawn::NoParent => return Ok(Begun::NoParent),
                Drawn::TooDeep => return Ok(Begun::TooDeep),
                Drawn::Exhausted => return Ok(Begun::Exhausted),
            }
        }
        if let Some(session) = row.session_id
            && !sessions::asked(tx, &app.clock, (session, row.user_id), id, &row.prompt).await?
        {
            if let Some(parent) = row.parent_id {
                settle(tx, parent, within, Take::default()).await?;
            }
            return Ok(Begun::SessionOver);
        }
        run_insert(tx, &row).await?;
        lease_insert(tx, &lease).await?;
        Ok(Begun::Stored)
    };
    app.pg.tenant("run.begin", asked.workspace_id, insert).await
}

fn stored(budget: RunBudget) -> Option<Value> {
    (budget != RunBudget::default()).then(|| json!(budget))
}
