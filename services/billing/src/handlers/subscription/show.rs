use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_web::{Json, Problem, State, Tenant};

use crate::app::App;
use crate::domain::plan::Plan;
use crate::standing::Standing;

/// What the workspace has bought.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription {
    plan: Plan,
    /// When usage begins to be counted anew.
    resets_at: DateTime<Utc>,
}

/// Shows the workspace's plan.
#[utoipa::path(get, path = "/api/v1/subscription", operation_id = "getSubscription", tag = "billing",
    responses((status = 200, description = "The plan", body = Subscription)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Json<Subscription>, Problem> {
    let standing = Standing::read(&app, tenant.workspace_id).await?;
    Ok(Json(Subscription { resets_at: standing.resets_at, plan: standing.plan }))
}
