use chrono::SubsecRound as _;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::AgentId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Created, Problem, Result, State, Tenant, Violations, codes};

use super::view::CustomAgent;
use crate::app::App;
use crate::domain::agent::Criterion;
use crate::domain::custom::{Custom, MAX_AGENTS, check_slug, is_taken, usual_criteria};
use crate::domain::mode::Mode;
use crate::store::agents::{
    AgentRow, AgentVersionRow, agent_count, agent_insert, agent_version_insert, agents_lock,
};

/// An agent to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateAgent {
    /// Its name in requests, which stays.
    #[schema(pattern = "^[a-z][a-z0-9-]{1,39}$", example = "pricing-coach")]
    agent: String,
    /// Its name for people.
    #[schema(min_length = 1, max_length = 100, example = "Pricing coach")]
    name: String,
    /// What it is good for.
    #[schema(max_length = 500, nullable = false)]
    about: Option<String>,
    /// What its models are told to be and to do.
    #[schema(
        min_length = 1,
        max_length = 8000,
        example = "You advise young companies on pricing. Calculate, and show the formula."
    )]
    instructions: String,
    /// By what answers are judged; accuracy, reasoning and usefulness unless told.
    #[schema(min_items = 1, max_items = 8, nullable = false)]
    criteria: Option<Vec<Criterion>>,
    /// How it comes to answers, unless a question wants otherwise; `COUNCIL` unless told.
    #[schema(nullable = false)]
    mode: Option<Mode>,
    /// The models of its seats, 9 at most; the product's council unless told.
    #[schema(max_items = 9, nullable = false)]
    members: Option<Vec<String>>,
    /// Who may chair, in the order in which they are tried; the members unless told.
    #[schema(max_items = 3, nullable = false)]
    chairs: Option<Vec<String>>,
    /// How many members must answer; more than half unless told.
    #[schema(minimum = 1, maximum = 9, nullable = false)]
    quorum: Option<usize>,
}

/// Makes an agent of the workspace's own.
#[utoipa::path(post, path = "/api/v1/agents/custom", operation_id = "createAgent", tag = "agents",
    request_body = CreateAgent, responses(
        (status = 201, description = "Made", body = CustomAgent),
        (status = 409, description = "`council.agent_slug_taken`, or `council.agent_limit`: there are 50.")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Body(wish): Body<CreateAgent>,
) -> Result<Created<CustomAgent>> {
    let slug = wish.agent.clone();
    let custom = parse(&app, wish)?;
    if is_taken(&slug) {
        return Err(Problem::new(&codes::council::AGENT_SLUG_TAKEN));
    }
    let now = app.clock.now().trunc_subsecs(3);
    let agent = AgentRow {
        workspace_id: tenant.workspace_id,
        id: AgentId::generate(&app.clock),
        slug,
        version: 1,
        created_by: tenant.user_id,
        created_at: now,
    };
    let version = AgentVersionRow::of(&agent, custom, tenant.user_id, now);
    let create = async |tx: &mut TenantTx<'_>| -> std::result::Result<bool, PgError> {
        agents_lock(tx).await?;
        if agent_count(tx).await? >= MAX_AGENTS {
            return Ok(false);
        }
        agent_insert(tx, &agent).await?;
        agent_version_insert(tx, &version).await?;
        Ok(true)
    };
    let created = app.pg.tenant("agent.create", tenant.workspace_id, create).await.map_err(slug_taken)?;
    if !created {
        return Err(Problem::new(&codes::council::AGENT_LIMIT));
    }
    let location = format!("/api/v1/agents/custom/{}", agent.id);
    Ok(Created { location, body: (agent, version).into() })
}

fn parse(app: &App, wish: CreateAgent) -> Result<Custom> {
    let mut violations = Violations::new();
    violations.parse("/agent", check_slug(&wish.agent));
    let custom = Custom {
        name: wish.name,
        about: wish.about.unwrap_or_default(),
        instructions: wish.instructions,
        criteria: wish.criteria.unwrap_or_else(usual_criteria),
        mode: wish.mode.unwrap_or(Mode::Council),
        members: wish.members.unwrap_or_default(),
        chairs: wish.chairs.unwrap_or_default(),
        quorum: wish.quorum,
    };
    check(app, &custom, &mut violations);
    violations.build(|| Some(custom))
}

/// Notes what is wrong with an agent.
pub(super) fn check(app: &App, custom: &Custom, violations: &mut Violations) {
    for (pointer, why) in custom.mistakes(|model| app.panel.models().get(model).is_some()) {
        violations.push(pointer, "validation.invalid", why);
    }
}

/// The unique constraint decides, so that two who make one at once are told apart.
fn slug_taken(error: PgError) -> Problem {
    match error.constraint() {
        Some("agents_workspace_id_slug_key") => Problem::new(&codes::council::AGENT_SLUG_TAKEN).source(error),
        _ => error.into(),
    }
}
