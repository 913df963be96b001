//! What tenancy tells the others. Each is stored in the transaction of the change it reports.

pub(crate) mod domains;
pub(crate) mod invitations;
pub(crate) mod join_link;

use chrono::{DateTime, Utc};
use witan_clock::Clock;
use witan_events::contracts::tenancy::v1::{
    FeatureFlagChanged, MemberAdded, MemberRemoved, MemberRoleChanged, ProjectCreated, ProjectDeleted,
    ProjectUpdated, RoleCreated, RoleDeleted, RoleUpdated, StartupCreated, StartupDeleted, StartupUpdated,
    WorkspaceCreated, WorkspaceDeleted, WorkspaceDeletionRequested, WorkspacePurgeRequested,
    WorkspaceRestored, WorkspaceUpdated,
};
use witan_events::publish;
use witan_ids::{ProjectId, StartupId};
use witan_pg::{PgError, SystemTx, TenantTx};

use crate::store::members::MemberRow;
use crate::store::projects::ProjectRow;
use crate::store::roles::RoleRow;
use crate::store::startups::StartupRow;
use crate::store::workspaces::WorkspaceRow;

/// There is a new workspace.
pub(crate) async fn workspace_created(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    workspace: &WorkspaceRow,
) -> Result<(), PgError> {
    let subject = workspace.workspace_id.to_string();
    let event = WorkspaceCreated {
        workspace_id: subject.clone(),
        owner_id: workspace.created_by.to_string(),
        name: workspace.name.clone(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// A workspace was changed; what every process believes of places in it is asked for anew.
pub(crate) async fn workspace_updated(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    workspace: &WorkspaceRow,
) -> Result<(), PgError> {
    let subject = workspace.workspace_id.to_string();
    let event = WorkspaceUpdated {
        workspace_id: subject.clone(),
        name: workspace.name.clone(),
        require_second_factor: workspace.require_second_factor,
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// Somebody belongs to a workspace now.
pub(crate) async fn member_added(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    member: &MemberRow,
) -> Result<(), PgError> {
    let subject = member.workspace_id.to_string();
    let event = MemberAdded {
        workspace_id: subject.clone(),
        user_id: member.user_id.to_string(),
        role: member.role().to_string(),
        status: member.status().as_str().to_owned(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// Somebody's place is another one from now on.
pub(crate) async fn member_changed(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    member: &MemberRow,
) -> Result<(), PgError> {
    let subject = member.workspace_id.to_string();
    let event = MemberRoleChanged {
        workspace_id: subject.clone(),
        user_id: member.user_id.to_string(),
        role: member.role().to_string(),
        status: member.status().as_str().to_owned(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// Somebody belongs to a workspace no longer.
pub(crate) async fn member_removed(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    member: &MemberRow,
) -> Result<(), PgError> {
    let subject = member.workspace_id.to_string();
    let event = MemberRemoved {
        workspace_id: subject.clone(),
        user_id: member.user_id.to_string(),
        role: member.role().to_string(),
        status: "REMOVED".to_owned(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// A workspace made a role of its own.
pub(crate) async fn role_created(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    role: &RoleRow,
) -> Result<(), PgError> {
    let subject = role.workspace_id.to_string();
    let event = RoleCreated {
        workspace_id: subject.clone(),
        role_id: role.id.to_string(),
        name: role.name.clone(),
        permissions: role.permissions.clone(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// A role allows something else; what every process believes of places in the workspace is asked for anew.
pub(crate) async fn role_updated(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    role: &RoleRow,
) -> Result<(), PgError> {
    let subject = role.workspace_id.to_string();
    let event = RoleUpdated {
        workspace_id: subject.clone(),
        role_id: role.id.to_string(),
        name: role.name.clone(),
        permissions: role.permissions.clone(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// A role that nobody had is gone.
pub(crate) async fn role_deleted(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    role: &RoleRow,
) -> Result<(), PgError> {
    let subject = role.workspace_id.to_string();
    let event = RoleDeleted { workspace_id: subject.clone(), role_id: role.id.to_string() };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// A start-up was described.
pub(crate) async fn startup_created(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    startup: &StartupRow,
) -> Result<(), PgError> {
    let subject = startup.id.to_string();
    let event = StartupCreated {
        workspace_id: startup.workspace_id.to_string(),
        startup_id: subject.clone(),
        name: startup.name.clone(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// A start-up's profile was changed.
pub(crate) async fn startup_updated(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    startup: &StartupRow,
) -> Result<(), PgError> {
    let subject = startup.id.to_string();
    let event = StartupUpdated {
        workspace_id: startup.workspace_id.to_string(),
        startup_id: subject.clone(),
        name: startup.name.clone(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// A start-up was deleted.
pub(crate) async fn startup_deleted(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    startup: StartupId,
) -> Result<(), PgError> {
    let subject = startup.to_string();
    let event = StartupDeleted { workspace_id: tx.workspace_id().to_string(), startup_id: subject.clone() };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// There is a new project.
pub(crate) async fn project_created(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    project: &ProjectRow,
) -> Result<(), PgError> {
    let subject = project.id.to_string();
    let event = ProjectCreated {
        workspace_id: project.workspace_id.to_string(),
        project_id: subject.clone(),
        name: project.name.clone(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// A project was changed.
pub(crate) async fn project_updated(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    project: &ProjectRow,
) -> Result<(), PgError> {
    let subject = project.id.to_string();
    let event = ProjectUpdated {
        workspace_id: project.workspace_id.to_string(),
        project_id: subject.clone(),
        name: project.name.clone(),
        archived: project.archived_at.is_some(),
    };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// A project was deleted; the services that group by it forget it.
pub(crate) async fn project_deleted(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    project: ProjectId,
) -> Result<(), PgError> {
    let subject = project.to_string();
    let event = ProjectDeleted { workspace_id: tx.workspace_id().to_string(), project_id: subject.clone() };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// A feature flag was set or removed; every process fetches them anew.
pub(crate) async fn feature_flag_changed(
    tx: &mut SystemTx<'_>,
    clock: &Clock,
    key: &str,
) -> Result<(), PgError> {
    publish(tx, clock, key, &FeatureFlagChanged { key: key.to_owned() }).await.map(drop)
}

/// A workspace awaits its deletion; what every process believes of places in it is asked for anew.
pub(crate) async fn workspace_deletion_requested(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    due: DateTime<Utc>,
) -> Result<(), PgError> {
    let subject = tx.workspace_id().to_string();
    let event = WorkspaceDeletionRequested { workspace_id: subject.clone(), due_at: Some(due.into()) };
    publish(tx, clock, &subject, &event).await.map(drop)
}

/// It does not any longer.
pub(crate) async fn workspace_restored(tx: &mut TenantTx<'_>, clock: &Clock) -> Result<(), PgError> {
    let subject = tx.workspace_id().to_string();
    publish(tx, clock, &subject, &WorkspaceRestored { workspace_id: subject.clone() }).await.map(drop)
}

/// Every service is to remove what it holds of the workspace, and to say so.
pub(crate) async fn workspace_purge_requested(tx: &mut TenantTx<'_>, clock: &Clock) -> Result<(), PgError> {
    let subject = tx.workspace_id().to_string();
    publish(tx, clock, &subject, &WorkspacePurgeRequested { workspace_id: subject.clone() }).await.map(drop)
}

/// The workspace is gone.
pub(crate) async fn workspace_deleted(tx: &mut TenantTx<'_>, clock: &Clock) -> Result<(), PgError> {
    let subject = tx.workspace_id().to_string();
    publish(tx, clock, &subject, &WorkspaceDeleted { workspace_id: subject.clone() }).await.map(drop)
}
