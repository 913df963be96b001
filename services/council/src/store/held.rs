//! What is held of a person or of a workspace, as they are told it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde_json::Value;
use witan_ids::{AgentId, RunId, UserId};
use witan_pg::{PgError, TenantTx, Tx as _};
use witan_web::Lines;

use crate::schema::{agent_versions, agents, runs};
use crate::store::agents::AgentVersionRow;

/// What of a run the API does not show.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = runs)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldRun {
    #[serde(skip)]
    pub(crate) id: RunId,
    asked_by: Option<String>,
    profile: Option<String>,
    context: Option<String>,
    /// Of one under way: what it will be told of its session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_outline: Option<Value>,
}

impl HeldRun {
    /// What a service gave along is a conversation, which others may have a part in: the one who asked is told their own
    /// part of it by that service.
    pub(crate) fn own(mut self) -> Self {
        if self.asked_by.is_some() {
            self.context = None;
        }
        self
    }
}

/// A page of their questions, those after `after`.
pub(crate) async fn held_runs(
    tx: &mut TenantTx<'_>,
    user: UserId,
    after: RunId,
) -> Result<Vec<HeldRun>, PgError> {
    let query = HeldRun::query()
        .filter(runs::workspace_id.eq(tx.workspace_id()))
        .filter(runs::user_id.eq(user))
        .filter(runs::id.gt(after))
        .order(runs::id)
        .limit(Lines::PAGE);
    Ok(query.load(tx.conn()).await?)
}

/// A page of the workspace's questions, those after `after`.
pub(crate) async fn kept_runs(tx: &mut TenantTx<'_>, after: RunId) -> Result<Vec<HeldRun>, PgError> {
    let query = HeldRun::query()
        .filter(runs::workspace_id.eq(tx.workspace_id()))
        .filter(runs::id.gt(after))
        .order(runs::id)
        .limit(Lines::PAGE);
    Ok(query.load(tx.conn()).await?)
}

/// Where a page of versions ended: the agent and the version.
pub(crate) type VersionPlace = (AgentId, i32);

/// A page of what the workspace's own agents were made, by anybody or by one person, with the agent's name in requests.
pub(crate) async fn held_versions(
    tx: &mut TenantTx<'_>,
    author: Option<UserId>,
    (agent, version): VersionPlace,
) -> Result<Vec<(String, AgentVersionRow)>, PgError> {
    let of_agent =
        agents::workspace_id.eq(agent_versions::workspace_id).and(agents::id.eq(agent_versions::agent_id));
    let later = agent_versions::agent_id
        .gt(agent)
        .or(agent_versions::agent_id.eq(agent).and(agent_versions::version.gt(version)));
    let mut query = agent_versions::table
        .inner_join(agents::table.on(of_agent))
        .filter(agent_versions::workspace_id.eq(tx.workspace_id()))
        .filter(later)
        .order((agent_versions::agent_id, agent_versions::version))
        .limit(Lines::PAGE)
        .select((agents::slug, AgentVersionRow::as_select()))
        .into_boxed();
    if let Some(author) = author {
        query = query.filter(agent_versions::changed_by.eq(author));
    }
    Ok(query.load(tx.conn()).await?)
}
