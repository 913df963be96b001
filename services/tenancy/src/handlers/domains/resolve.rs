use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::WorkspaceId;
use witan_pg::SystemTx;
use witan_web::{Caller, Json, Problem, State};

use crate::app::App;
use crate::resolving::resolve;

/// What the domain of somebody's address leads to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resolution {
    /// The workspace that the caller may join; none where the domain leads nowhere.
    #[schema(required)]
    workspace: Option<ResolvedWorkspace>,
}

/// A workspace that the caller may join, or has joined.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResolvedWorkspace {
    id: WorkspaceId,
    #[schema(example = "Analytical Engines")]
    name: String,
    /// Whether the caller belongs to it already.
    member: bool,
}

/// Says which workspace the caller may join by the domain of their proved address. Nobody is moved: `joinByDomain` is
/// for who wants to.
#[utoipa::path(post, path = "/api/v1/workspaces/resolve", operation_id = "resolveWorkspace", tag = "domains",
    responses((status = 200, description = "The workspace, if there is one", body = Resolution)))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<Json<Resolution>, Problem> {
    let user = caller.user_id;
    let find = async |tx: &mut SystemTx<'_>| -> Result<_, Problem> { resolve(tx, user).await };
    let found = app.pg.tx("domain.resolve", find).await?;
    // Whoever was deactivated is told no more about the workspace than a stranger.
    let open = found.filter(|(_, place)| place.as_ref().is_none_or(|place| place.is_admitted()));
    let workspace = open.map(|(workspace, place)| ResolvedWorkspace {
        id: workspace.workspace_id,
        name: workspace.name,
        member: place.is_some(),
    });
    Ok(Json(Resolution { workspace }))
}
