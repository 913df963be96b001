use chrono::SubsecRound as _;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use witan_ids::AgentId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Path, Problem, Result, State, Tenant, Violations, codes};

use super::create::check;
use super::view::CustomAgent;
use crate::app::App;
use crate::domain::agent::Criterion;
use crate::domain::custom::Custom;
use crate::domain::mode::Mode;
use crate::store::agents::{AgentVersionRow, Current, agent_lock, agent_version_insert};

/// What changes (RFC 7396): what is missing stays.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateAgent {
    /// The version that is to be changed; should there be a later one, nothing is.
    #[schema(minimum = 1, nullable = false)]
    version: Option<i32>,
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    #[schema(max_length = 500, nullable = false)]
    about: Option<String>,
    #[schema(min_length = 1, max_length = 8000, nullable = false)]
    instructions: Option<String>,
    #[schema(min_items = 1, max_items = 8, nullable = false)]
    criteria: Option<Vec<Criterion>>,
    #[schema(nullable = false)]
    mode: Option<Mode>,
    /// None for the product's council.
    #[schema(max_items = 9, nullable = false)]
    members: Option<Vec<String>>,
    /// None for the members.
    #[schema(max_items = 3, nullable = false)]
    chairs: Option<Vec<String>>,
    /// Null for more than half.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<usize>, minimum = 1, maximum = 9)]
    quorum: Option<Option<usize>>,
}

/// Why an agent was not changed.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("there is no such agent")]
    Unknown,
    #[error("somebody else changed it")]
    Changed,
    #[error("it would not be whole")]
    Mistaken(Violations),
    #[error(transparent)]
    Store(#[from] PgError),
}

/// Changes an agent of the workspace's own: makes a new version of it, unless nothing changes.
///
/// Runs under way go on with the version that they began with.
#[utoipa::path(patch, path = "/api/v1/agents/custom/{agentId}", operation_id = "updateAgent", tag = "agents",
    params(("agentId" = AgentId, Path, description = "The agent")), request_body = UpdateAgent,
    responses((status = 200, description = "As it is now", body = CustomAgent),
        (status = 409, description = "`council.agent_changed`: there is a later version.")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentId>,
    Body(wish): Body<UpdateAgent>,
) -> Result<Json<CustomAgent>> {
    let now = app.clock.now().trunc_subsecs(3);
    let update = async |tx: &mut TenantTx<'_>| -> std::result::Result<Current, Refusal> {
        let (mut agent, present) = agent_lock(tx, id).await?.ok_or(Refusal::Unknown)?;
        if wish.version.is_some_and(|version| version != agent.version) {
            return Err(Refusal::Changed);
        }
        let before = present.clone().custom();
        let after = wish.clone().change(before.clone());
        let mut violations = Violations::new();
        check(&app, &after, &mut violations);
        if !violations.is_empty() {
            return Err(Refusal::Mistaken(violations));
        }
        if after == before {
            return Ok((agent, present));
        }
        agent.version += 1;
        let version = AgentVersionRow::of(&agent, after, tenant.user_id, now);
        agent_version_insert(tx, &version).await?;
        Ok((agent, version))
    };
    let current = app.pg.tenant("agent.update", tenant.workspace_id, update).await?;
    Ok(Json(current.into()))
}

impl UpdateAgent {
    fn change(self, before: Custom) -> Custom {
        Custom {
            name: self.name.unwrap_or(before.name),
            about: self.about.unwrap_or(before.about),
            instructions: self.instructions.unwrap_or(before.instructions),
            criteria: self.criteria.unwrap_or(before.criteria),
            mode: self.mode.unwrap_or(before.mode),
            members: self.members.unwrap_or(before.members),
            chairs: self.chairs.unwrap_or(before.chairs),
            quorum: self.quorum.unwrap_or(before.quorum),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => Self::not_found(),
            Refusal::Changed => Self::new(&codes::council::AGENT_CHANGED),
            Refusal::Mistaken(violations) => violations.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}

/// Tells `null`, which takes away, from what is missing, which stays.
fn present<'de, D: Deserializer<'de>>(value: D) -> std::result::Result<Option<Option<usize>>, D::Error> {
    Option::deserialize(value).map(Some)
}
