use serde::Deserialize;
use utoipa::ToSchema;
use witan_clients::CouncilAnswer;
use witan_ids::{RunId, UserId, WorkspaceId};
use witan_web::{Body, Json, Problem, Result, ServiceCaller, State, Violations, codes};

use crate::agents::{self, Seated};
use crate::app::App;
use crate::domain::budget::RunBudget;
use crate::domain::sitting::Wish;
use crate::handlers::agents::input::good_prompt;
use crate::handlers::runs::show;
use crate::runs::{Asked, ask};

/// A question on somebody's behalf, in a workspace that the asking service has already let them into.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RunFor {
    workspace_id: WorkspaceId,
    user_id: UserId,
    #[schema(min_length = 1, max_length = 60)]
    agent: String,
    #[schema(min_length = 1, max_length = 10240)]
    prompt: String,
    #[schema(max_length = 100000)]
    context: Option<String>,
    /// The run that starts this one and pays for it.
    parent_run_id: Option<RunId>,
}

/// Asks the council on somebody's behalf and waits for its answer.
#[utoipa::path(post, path = "/internal/runs", operation_id = "runAgentFor", tag = "internal",
    request_body = RunFor, responses((status = 200, description = "The answer")))]
pub(crate) async fn handle(
    app: State<App>,
    ServiceCaller(caller): ServiceCaller,
    Body(body): Body<RunFor>,
) -> Result<Json<CouncilAnswer>> {
    let mut violations = Violations::new();
    violations.parse("/prompt", good_prompt(&body.prompt));
    let workspace = body.workspace_id;
    let seated = agents::seat(&app, workspace, &body.agent, Wish::default(), &mut violations).await?;
    let Seated { slug, version, sitting } = violations.build(|| seated)?;
    let asked = Asked {
        workspace_id: workspace,
        user_id: body.user_id,
        asked_by: Some(caller),
        agent: slug,
        agent_version: version,
        sitting,
        prompt: body.prompt,
        startup_id: None,
        project_id: None,
        session: None,
        chat: None,
        profile: None,
        context: body.context,
        budget: RunBudget::default(),
        parent: body.parent_run_id,
    };
    let id = ask(&app, asked).await?;
    let answer = show::find(&app, workspace, id).await?.into_answer();
    answer.map(Json).ok_or_else(|| Problem::new(&codes::council::INTERRUPTED))
}
