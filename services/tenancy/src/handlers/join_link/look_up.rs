use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::WorkspaceId;
use witan_pg::SystemTx;
use witan_web::{Body, Json, Problem, State};

use super::view::JoinToken;
use crate::app::App;
use crate::linking::look_up;

/// Where a link leads.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkedWorkspace {
    workspace_id: WorkspaceId,
    #[schema(example = "Analytical Engines")]
    workspace_name: String,
    expires_at: DateTime<Utc>,
}

/// Shows where a link leads to who holds its secret, before they log in.
#[utoipa::path(post, path = "/api/v1/join/look-up", operation_id = "lookUpJoinLink", tag = "join",
    request_body = JoinToken, responses((status = 200, description = "The workspace", body = LinkedWorkspace),
        (status = 409, description = "`tenancy.join_link_used_up`"),
        (status = 410, description = "Its time is over."),
        (status = 422, description = "The secret is unknown.")))]
pub(crate) async fn handle(
    app: State<App>,
    Body(shown): Body<JoinToken>,
) -> Result<Json<LinkedWorkspace>, Problem> {
    let look = async |tx: &mut SystemTx<'_>| -> Result<_, Problem> { look_up(tx, &app, &shown.token).await };
    let (workspace, link) = app.pg.tx("join_link.look_up", look).await?;
    Ok(Json(LinkedWorkspace {
        workspace_id: workspace.workspace_id,
        workspace_name: workspace.name,
        expires_at: link.expires_at,
    }))
}
