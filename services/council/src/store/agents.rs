use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use witan_ids::{AgentId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _, expect_one, sql};

use crate::domain::custom::Custom;
use crate::domain::mode::Mode;
use crate::schema::{agent_versions, agents};

/// A workspace's own agent.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = agents, check_for_backend(diesel::pg::Pg))]
pub(crate) struct AgentRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: AgentId,
    pub(crate) slug: String,
    pub(crate) version: i32,
    pub(crate) created_by: UserId,
    pub(crate) created_at: DateTime<Utc>,
}

/// What an agent was made at one time. Written once.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = agent_versions, check_for_backend(diesel::pg::Pg))]
pub(crate) struct AgentVersionRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) agent_id: AgentId,
    pub(crate) version: i32,
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) instructions: String,
    pub(crate) criteria: Value,
    pub(crate) mode: String,
    pub(crate) members: Vec<String>,
    pub(crate) chairs: Vec<String>,
    pub(crate) quorum: Option<i16>,
    pub(crate) changed_by: UserId,
    pub(crate) created_at: DateTime<Utc>,
}

/// An agent as it is now.
pub(crate) type Current = (AgentRow, AgentVersionRow);

pub(crate) async fn agent_insert(tx: &mut TenantTx<'_>, agent: &AgentRow) -> Result<(), PgError> {
    expect_one(diesel::insert_into(agents::table).values(agent).execute(tx.conn()).await?)
}

/// Adds a version, which is the one in force from now on.
pub(crate) async fn agent_version_insert(
    tx: &mut TenantTx<'_>,
    version: &AgentVersionRow,
) -> Result<(), PgError> {
    expect_one(diesel::insert_into(agent_versions::table).values(version).execute(tx.conn()).await?)?;
    let agent = agents::table.find((tx.workspace_id(), version.agent_id));
    expect_one(diesel::update(agent).set(agents::version.eq(version.version)).execute(tx.conn()).await?)
}

pub(crate) async fn agent_find(tx: &mut TenantTx<'_>, id: AgentId) -> Result<Option<Current>, PgError> {
    let agent: Option<AgentRow> = agents::table
        .find((tx.workspace_id(), id))
        .select(AgentRow::as_select())
        .first(tx.conn())
        .await
        .optional()?;
    current(tx, agent).await
}

pub(crate) async fn agent_named(tx: &mut TenantTx<'_>, slug: &str) -> Result<Option<Current>, PgError> {
    let agent: Option<AgentRow> = agents::table
        .filter(agents::workspace_id.eq(tx.workspace_id()).and(agents::slug.eq(slug)))
        .select(AgentRow::as_select())
        .first(tx.conn())
        .await
        .optional()?;
    current(tx, agent).await
}

/// The same for whoever changes it: nobody else does so before the transaction ends.
pub(crate) async fn agent_lock(tx: &mut TenantTx<'_>, id: AgentId) -> Result<Option<Current>, PgError> {
    let agent: Option<AgentRow> = agents::table
        .find((tx.workspace_id(), id))
        .select(AgentRow::as_select())
        .for_update()
        .first(tx.conn())
        .await
        .optional()?;
    current(tx, agent).await
}

async fn current(tx: &mut TenantTx<'_>, agent: Option<AgentRow>) -> Result<Option<Current>, PgError> {
    let Some(agent) = agent else { return Ok(None) };
    let version = agent_versions::table
        .find((tx.workspace_id(), agent.id, agent.version))
        .select(AgentVersionRow::as_select())
        .first(tx.conn())
        .await?;
    Ok(Some((agent, version)))
}

/// All of them, by slug.
pub(crate) async fn agent_list(tx: &mut TenantTx<'_>) -> Result<Vec<Current>, PgError> {
    let in_force = agent_versions::workspace_id
        .eq(agents::workspace_id)
        .and(agent_versions::agent_id.eq(agents::id))
        .and(agent_versions::version.eq(agents::version));
    let query = agents::table
        .inner_join(agent_versions::table.on(in_force))
        .filter(agents::workspace_id.eq(tx.workspace_id()))
        .order(agents::slug)
        .select((AgentRow::as_select(), AgentVersionRow::as_select()));
    Ok(query.load(tx.conn()).await?)
}

/// Has whoever makes an agent of the same workspace wait until this transaction ends.
pub(crate) async fn agents_lock(tx: &mut TenantTx<'_>) -> Result<(), PgError> {
    let workspace = tx.workspace_id().to_string();
    sql("SELECT pg_advisory_xact_lock(hashtextextended('council.agents ' || $1, 0))")
        .bind::<Text, _>(workspace)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(crate) async fn agent_count(tx: &mut TenantTx<'_>) -> Result<i64, PgError> {
    let query = agents::table.filter(agents::workspace_id.eq(tx.workspace_id())).count();
    Ok(query.get_result(tx.conn()).await?)
}

/// Newest first.
pub(crate) async fn agent_version_list(
    tx: &mut TenantTx<'_>,
    id: AgentId,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<AgentVersionRow>, PgError> {
    let of_agent = agent_versions::workspace_id.eq(tx.workspace_id()).and(agent_versions::agent_id.eq(id));
    let query = agent_versions::table
        .filter(of_agent)
        .filter(agent_versions::version.lt(before.unwrap_or(i32::MAX)))
        .order(agent_versions::version.desc())
        .limit(limit)
        .select(AgentVersionRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// With all its versions; false if there was none.
pub(crate) async fn agent_delete(tx: &mut TenantTx<'_>, id: AgentId) -> Result<bool, PgError> {
    let agent = agents::table.find((tx.workspace_id(), id));
    Ok(diesel::delete(agent).execute(tx.conn()).await? > 0)
}

impl AgentVersionRow {
    /// The version of `agent` that is in force, made by `author`.
    pub(crate) fn of(agent: &AgentRow, custom: Custom, author: UserId, now: DateTime<Utc>) -> Self {
        let Custom { name, about, instructions, criteria, mode, members, chairs, quorum } = custom;
        Self {
            workspace_id: agent.workspace_id,
            agent_id: agent.id,
            version: agent.version,
            name,
            about,
            instructions,
            criteria: json!(criteria),
            mode: mode.as_str().to_owned(),
            members,
            chairs,
            quorum: quorum.and_then(|quorum| i16::try_from(quorum).ok()),
            changed_by: author,
            created_at: now,
        }
    }

    /// What the agent is, as it was wanted.
    pub(crate) fn custom(self) -> Custom {
        Custom {
            name: self.name,
            about: self.about,
            instructions: self.instructions,
            criteria: serde_json::from_value(self.criteria).unwrap_or_default(),
            mode: Mode::from_column(&self.mode).unwrap_or(Mode::Council),
            members: self.members,
            chairs: self.chairs,
            quorum: self.quorum.and_then(|quorum| usize::try_from(quorum).ok()),
        }
    }
}
