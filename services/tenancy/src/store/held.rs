//! What is held of a person or of a workspace, as they are told it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use witan_ids::{ProjectId, StartupId, UserId};
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _};
use witan_web::Lines;

use super::projects::ProjectRow;
use super::startups::StartupRow;
use crate::schema::{first_workspaces, members, people, projects, roles, startups, workspaces};
use crate::store::feature_flags::flags_naming;

/// Who they are.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = people)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldPerson {
    email: String,
    name: String,
    closed: bool,
    updated_at: DateTime<Utc>,
}

/// A feature that was decided for them by name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldFeature {
    key: String,
    has: bool,
}

/// That a workspace was made for them when their address was proved.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = first_workspaces)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldFirstWorkspace {
    created_at: DateTime<Utc>,
}

/// Their place in a workspace.
#[derive(Debug, Serialize, Queryable)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldMembership {
    workspace_name: String,
    role: String,
    /// What the role is called, where it is one of the workspace's own.
    role_name: Option<String>,
    status: String,
    joined_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A workspace that they made.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = workspaces)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldWorkspace {
    name: String,
    time_zone: String,
    locale: String,
    require_second_factor: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    deletion_requested_at: Option<DateTime<Utc>>,
    deletion_due_at: Option<DateTime<Utc>>,
}

/// Somebody who belongs to a workspace.
#[derive(Debug, Serialize, Queryable)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldMember {
    pub(crate) user_id: UserId,
    email: Option<String>,
    name: Option<String>,
    role: String,
    status: String,
    joined_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A start-up that they described.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = startups)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldStartup {
    pub(crate) id: StartupId,
    name: String,
    description: Option<String>,
    industry: Option<String>,
    stage: Option<String>,
    website: Option<String>,
    country: Option<String>,
    team_size: Option<i32>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A project that they made.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = projects)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldProject {
    pub(crate) id: ProjectId,
    name: String,
    description: Option<String>,
    archived_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Needs `see_as`.
pub(crate) async fn held_person(tx: &mut SystemTx<'_>, user: UserId) -> Result<Option<HeldPerson>, PgError> {
    Ok(HeldPerson::query().filter(people::user_id.eq(user)).first(tx.conn()).await.optional()?)
}

pub(crate) async fn held_first_workspace(
    tx: &mut SystemTx<'_>,
    user: UserId,
) -> Result<Option<HeldFirstWorkspace>, PgError> {
    let query = HeldFirstWorkspace::query().filter(first_workspaces::user_id.eq(user));
    Ok(query.first(tx.conn()).await.optional()?)
}

pub(crate) async fn held_membership(
    tx: &mut TenantTx<'_>,
    user: UserId,
) -> Result<Option<HeldMembership>, PgError> {
    let own_role =
        roles::workspace_id.eq(members::workspace_id).and(roles::id.nullable().eq(members::role_id));
    let query = members::table
        .left_join(roles::table.on(own_role))
        .inner_join(workspaces::table.on(workspaces::workspace_id.eq(members::workspace_id)))
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .filter(members::user_id.eq(user))
        .select((
            workspaces::name,
            members::role,
            roles::name.nullable(),
            members::status,
            members::joined_at,
            members::updated_at,
        ));
    Ok(query.first(tx.conn()).await.optional()?)
}

pub(crate) async fn held_workspace(
    tx: &mut TenantTx<'_>,
    user: UserId,
) -> Result<Option<HeldWorkspace>, PgError> {
    let query = HeldWorkspace::query()
        .filter(workspaces::workspace_id.eq(tx.workspace_id()))
        .filter(workspaces::created_by.eq(user));
    Ok(query.first(tx.conn()).await.optional()?)
}

/// A page of them, those after `after`.
pub(crate) async fn held_startups(
    tx: &mut TenantTx<'_>,
    user: UserId,
    after: StartupId,
) -> Result<Vec<HeldStartup>, PgError> {
    let query = HeldStartup::query()
        .filter(startups::workspace_id.eq(tx.workspace_id()))
        .filter(startups::created_by.eq(user))
        .filter(startups::id.gt(after))
        .order(startups::id)
        .limit(Lines::PAGE);
    Ok(query.load(tx.conn()).await?)
}

/// A page of them, those after `after`.
pub(crate) async fn held_projects(
    tx: &mut TenantTx<'_>,
    user: UserId,
    after: ProjectId,
) -> Result<Vec<HeldProject>, PgError> {
    let query = HeldProject::query()
        .filter(projects::workspace_id.eq(tx.workspace_id()))
        .filter(projects::created_by.eq(user))
        .filter(projects::id.gt(after))
        .order(projects::id)
        .limit(Lines::PAGE);
    Ok(query.load(tx.conn()).await?)
}

pub(crate) async fn held_features(tx: &mut SystemTx<'_>, user: UserId) -> Result<Vec<HeldFeature>, PgError> {
    let naming = flags_naming(tx, "USER", user.uuid()).await?;
    Ok(naming.into_iter().map(|one| HeldFeature { key: one.key, has: one.has }).collect())
}

/// The workspace itself.
pub(crate) async fn kept_workspace(tx: &mut TenantTx<'_>) -> Result<Option<HeldWorkspace>, PgError> {
    let query = HeldWorkspace::query().filter(workspaces::workspace_id.eq(tx.workspace_id()));
    Ok(query.first(tx.conn()).await.optional()?)
}

/// A page of its members, those after `after`.
pub(crate) async fn kept_members(tx: &mut TenantTx<'_>, after: UserId) -> Result<Vec<HeldMember>, PgError> {
    let query = members::table
        .left_join(people::table.on(people::user_id.eq(members::user_id)))
        .filter(members::workspace_id.eq(tx.workspace_id()))
        .filter(members::user_id.gt(after))
        .order(members::user_id)
        .limit(Lines::PAGE)
        .select((
            members::user_id,
            people::email.nullable(),
            people::name.nullable(),
            members::role,
            members::status,
            members::joined_at,
            members::updated_at,
        ));
    Ok(query.load(tx.conn()).await?)
}

/// A page of its start-ups.
pub(crate) async fn kept_startups(
    tx: &mut TenantTx<'_>,
    after: StartupId,
) -> Result<Vec<StartupRow>, PgError> {
    let query = startups::table
        .filter(startups::workspace_id.eq(tx.workspace_id()))
        .filter(startups::deleted_at.is_null())
        .filter(startups::id.gt(after))
        .order(startups::id)
        .limit(Lines::PAGE);
    Ok(query.select(StartupRow::as_select()).load(tx.conn()).await?)
}

/// A page of its projects.
pub(crate) async fn kept_projects(
    tx: &mut TenantTx<'_>,
    after: ProjectId,
) -> Result<Vec<ProjectRow>, PgError> {
    let query = projects::table
        .filter(projects::workspace_id.eq(tx.workspace_id()))
        .filter(projects::deleted_at.is_null())
        .filter(projects::id.gt(after))
        .order(projects::id)
        .limit(Lines::PAGE);
    Ok(query.select(ProjectRow::as_select()).load(tx.conn()).await?)
}
