use chrono::SubsecRound as _;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::{AgentSessionId, ProjectId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Created, Result, State, Tenant, Violations};

use super::view::Session;
use crate::agents;
use crate::app::App;
use crate::domain::session::SessionState;
use crate::projects;
use crate::store::projects::project_use;
use crate::store::sessions::{SessionRow, session_insert};

/// A session to begin.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateSession {
    /// For people to find it again.
    #[schema(min_length = 1, max_length = 200, nullable = false, example = "Our next round")]
    title: Option<String>,
    /// Whom it is meant for.
    #[schema(min_length = 1, max_length = 60, nullable = false, example = "finance")]
    agent: Option<String>,
    /// The project that it belongs to.
    #[schema(nullable = false)]
    project_id: Option<ProjectId>,
}

/// Begins a session with agents.
///
/// It is over when it is ended, or when nothing happens in it for a day.
#[utoipa::path(post, path = "/api/v1/sessions", operation_id = "createAgentSession", tag = "sessions",
    request_body = CreateSession, responses((status = 201, description = "Begun", body = Session)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Body(wish): Body<CreateSession>,
) -> Result<Created<Session>> {
    let agent = match &wish.agent {
        Some(name) => Some(known(&app, &tenant, name).await?),
        None => None,
    };
    projects::check(&app, tenant.workspace_id, wish.project_id).await?;
    let now = app.clock.now().trunc_subsecs(3);
    let row = SessionRow {
        workspace_id: tenant.workspace_id,
        id: AgentSessionId::generate(&app.clock),
        user_id: tenant.user_id,
        title: wish.title.unwrap_or_default(),
        agent,
        project_id: wish.project_id,
        state: SessionState::Active.as_str().to_owned(),
        entries: 0,
        active_at: now,
        created_at: now,
        ended_at: None,
        summary: None,
        summarised_to: None,
        summarised: None,
    };
    let begin = async |tx: &mut TenantTx<'_>| -> std::result::Result<bool, PgError> {
        if let Some(project) = row.project_id
            && !project_use(tx, project).await?
        {
            return Ok(false);
        }
        session_insert(tx, &row).await?;
        Ok(true)
    };
    if !app.pg.tenant("session.create", tenant.workspace_id, begin).await? {
        return Err(projects::unknown());
    }
    let location = format!("/api/v1/sessions/{}", row.id);
    Ok(Created { location, body: Session::of(row, now) })
}

/// The agent's name in requests.
async fn known(app: &App, tenant: &Tenant, name: &str) -> Result<String> {
    let found = agents::find(app, tenant.workspace_id, name).await?;
    let mut violations = Violations::new();
    if found.is_none() {
        violations.push("/agent", "validation.invalid", "there is no such agent");
    }
    violations.build(|| found.map(|agent| agent.slug))
}
