use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::{AgentId, UserId};

use crate::domain::agent::Criterion;
use crate::domain::custom::Custom;
use crate::domain::mode::Mode;
use crate::store::agents::{AgentVersionRow, Current};

/// An agent of the workspace's own.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomAgent {
    id: AgentId,
    /// Its name in requests.
    #[schema(example = "pricing-coach")]
    agent: String,
    #[serde(flatten)]
    version: AgentVersion,
    created_at: DateTime<Utc>,
}

/// What an agent is, or was.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentVersion {
    /// From 1 on; each change makes a new one.
    version: i32,
    /// Its name for people.
    name: String,
    /// What it is good for.
    about: String,
    /// What its models are told.
    instructions: String,
    /// By what answers are judged.
    criteria: Vec<Criterion>,
    /// How it comes to answers, unless a question wants otherwise.
    mode: Mode,
    /// The models of its seats; empty for the product's council.
    members: Vec<String>,
    /// Who may chair, in order; empty for the members.
    chairs: Vec<String>,
    /// How many members must answer; null for more than half.
    quorum: Option<i16>,
    /// Who made it so.
    changed_by: UserId,
    changed_at: DateTime<Utc>,
}

impl From<Current> for CustomAgent {
    fn from((agent, version): Current) -> Self {
        Self { id: agent.id, agent: agent.slug, version: version.into(), created_at: agent.created_at }
    }
}

impl From<AgentVersionRow> for AgentVersion {
    fn from(row: AgentVersionRow) -> Self {
        let (version, quorum) = (row.version, row.quorum);
        let (changed_by, changed_at) = (row.changed_by, row.created_at);
        let Custom { name, about, instructions, criteria, mode, members, chairs, quorum: _ } = row.custom();
        Self {
            version,
            name,
            about,
            instructions,
            criteria,
            mode,
            members,
            chairs,
            quorum,
            changed_by,
            changed_at,
        }
    }
}
