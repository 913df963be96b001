use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::{ProjectId, StartupId, WorkspaceId};
use witan_web::{Body, Json, Problem, Result, State, Tenant, Violations, codes};

use crate::app::App;
use crate::domain::agent::{self, Agent};
use crate::domain::startup::Profile;
use crate::handlers::runs::show;
use crate::handlers::runs::view::Run;
use crate::projects;
use crate::runs::{Asked, ask};

/// Of a prompt, in bytes.
pub(crate) const MAX_PROMPT: usize = 10 * 1024;

/// A question to the council.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RunAgent {
    /// Whom to ask: `legal`, `finance`, `investor` or `competitor`.
    #[schema(min_length = 1, max_length = 60, example = "finance")]
    agent: String,
    /// The question, up to 10 KB.
    #[schema(
        min_length = 1,
        max_length = 10240,
        example = "How many months of runway should we raise for, and why?"
    )]
    prompt: String,
    /// A start-up of the workspace whose profile the council should know.
    startup_id: Option<StartupId>,
    /// Or a profile for this question alone.
    startup: Option<Profile>,
    /// The project that the run belongs to.
    #[schema(nullable = false)]
    project_id: Option<ProjectId>,
    /// What the council should know besides, such as what was discussed before.
    #[schema(max_length = 20000)]
    context: Option<String>,
}

/// Asks the council and waits for its answer.
///
/// Members answer alone, review each other without names, and a chair writes the answer; the run tells who took part,
/// how the answers were ranked, where they disagree, and what it took. Should the connection break, the run goes on and
/// is found among the runs.
#[utoipa::path(post, path = "/api/v1/agents/run", operation_id = "runAgent", tag = "agents",
    request_body = RunAgent, responses(
        (status = 200, description = "The finished run", body = Run),
        (status = 402, description = "The plan allows no more runs in this period."),
        (status = 502, description = "Too few members of the council answered."),
    ))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant, Body(body): Body<RunAgent>) -> Result<Json<Run>> {
    let agent = check(&body)?;
    projects::check(&app, tenant.workspace_id, body.project_id).await?;
    let profile = profile(&app, tenant.workspace_id, &body).await?;
    let asked = Asked {
        workspace_id: tenant.workspace_id,
        user_id: tenant.user_id,
        asked_by: None,
        agent,
        prompt: body.prompt,
        startup_id: body.startup_id,
        project_id: body.project_id,
        profile,
        context: body.context,
    };
    let id = ask(&app, asked).await?;
    show::find(&app, tenant.workspace_id, id).await.map(Json)
}

fn check(body: &RunAgent) -> Result<&'static Agent> {
    let mut violations = Violations::new();
    let agent = violations.parse("/agent", known_agent(&body.agent));
    if let Err(why) = good_prompt(&body.prompt) {
        violations.push("/prompt", "validation.invalid", why);
    }
    if body.startup.is_some() && body.startup_id.is_some() {
        violations.push("/startup", "validation.invalid", "give either `startup` or `startupId`");
    }
    violations.build(|| agent)
}

/// The agent of this name.
pub(crate) fn known_agent(slug: &str) -> std::result::Result<&'static Agent, String> {
    let names = || agent::AGENTS.iter().map(|agent| agent.slug).collect::<Vec<_>>().join(", ");
    agent::find(slug).ok_or_else(|| format!("must be one of {}", names()))
}

/// Whether there is a question, and not too long a one: characters may take several bytes each.
pub(crate) fn good_prompt(prompt: &str) -> std::result::Result<(), &'static str> {
    if prompt.trim().is_empty() {
        return Err("must not be blank");
    }
    if prompt.len() > MAX_PROMPT { Err("must not be longer than 10,240 bytes in UTF-8") } else { Ok(()) }
}

/// What the models are told of the company.
async fn profile(app: &App, workspace: WorkspaceId, body: &RunAgent) -> Result<Option<String>> {
    let Some(id) = body.startup_id else {
        return Ok(body.startup.as_ref().map(Profile::text));
    };
    let found = app.peers.tenancy.startup(workspace, id).await;
    match found.map_err(|error| Problem::new(&codes::DEPENDENCY_UNAVAILABLE).source(error))? {
        Some(startup) => Ok(Some(Profile::from(startup).text())),
        None => {
            let mut violations = Violations::new();
            violations.push("/startupId", "validation.not_found", "there is no such start-up");
            Err(violations.into())
        }
    }
}
