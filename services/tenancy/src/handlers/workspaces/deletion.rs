use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Problem, State, Tenant};

use crate::app::App;
use crate::store::deletions::deletion_lock;
use crate::store::purges::{PurgeRow, purge_list};
use crate::store::workspaces::{WorkspaceRow, workspace_find};

/// The deletion of a workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deletion {
    state: DeletionState,
    #[schema(required)]
    requested_by: Option<UserId>,
    #[schema(required)]
    requested_at: Option<DateTime<Utc>>,
    /// Until then it can be restored.
    #[schema(required)]
    due_at: Option<DateTime<Utc>>,
    /// How far every service is with removing what it holds. This one is the last, and then there is nothing to see.
    services: Vec<ServicePurge>,
}

/// How far the deletion is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum DeletionState {
    /// It can be taken back.
    Pending,
    /// The services remove what they hold.
    Running,
}

/// One service's part.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ServicePurge {
    #[schema(example = "chat")]
    service: String,
    /// Whether it holds nothing any longer.
    done: bool,
    #[schema(required)]
    done_at: Option<DateTime<Utc>>,
    /// How many rows it removed.
    #[schema(required)]
    rows: Option<i64>,
}

impl Deletion {
    pub(super) fn of(workspace: &WorkspaceRow, begun: bool, parts: Vec<PurgeRow>) -> Self {
        let part = |part: PurgeRow| ServicePurge {
            done: part.is_done(),
            service: part.service,
            done_at: part.done_at,
            rows: part.rows,
        };
        Self {
            state: if begun { DeletionState::Running } else { DeletionState::Pending },
            requested_by: workspace.deletion_requested_by,
            requested_at: workspace.deletion_requested_at,
            due_at: workspace.deletion_due_at,
            services: parts.into_iter().map(part).collect(),
        }
    }
}

/// Shows how far the deletion of a workspace is; 404 when nobody is deleting it.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/deletion", operation_id = "getWorkspaceDeletion",
    tag = "workspaces", params(("workspaceId" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, description = "How far it is", body = Deletion)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Json<Deletion>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let (_, begun) = deletion_lock(tx).await?.ok_or(PgError::NotFound)?;
        let workspace = workspace_find(tx).await?.ok_or(PgError::NotFound)?;
        Ok((workspace, begun, purge_list(tx).await?))
    };
    let (workspace, begun, parts) = app.pg.tenant("deletion.show", tenant.workspace_id, find).await?;
    Ok(Json(Deletion::of(&workspace, begun, parts)))
}
