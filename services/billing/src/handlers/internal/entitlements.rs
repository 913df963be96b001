use witan_clients::{Entitlements, LimitState};
use witan_ids::WorkspaceId;
use witan_web::{Json, Path, Problem, State};

use crate::app::App;
use crate::domain::metric::Metric;
use crate::standing::Standing;

/// What a workspace's plan allows, and how much of it is taken.
#[utoipa::path(get, path = "/internal/entitlements/{workspaceId}", operation_id = "findEntitlements", tag = "internal",
    params(("workspaceId" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, description = "Entitlements")))]
pub(crate) async fn handle(
    app: State<App>,
    Path(workspace): Path<WorkspaceId>,
) -> Result<Json<Entitlements>, Problem> {
    let standing = Standing::read(&app, workspace).await?;
    let limits = Metric::ALL.into_iter().map(|metric| {
        let (used, reserved) = standing.of(metric);
        LimitState {
            metric: metric.as_str().to_owned(),
            limit: standing.plan.limits.get(&metric).copied(),
            used: used + reserved,
            resets_at: standing.resets_at,
        }
    });
    Ok(Json(Entitlements {
        limits: limits.collect(),
        plan: standing.plan.key.clone(),
        features: standing.plan.features,
    }))
}
