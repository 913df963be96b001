use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_web::{Json, Problem, State, Tenant};

use crate::app::App;
use crate::domain::metric::Metric;
use crate::standing::Standing;

/// What the workspace used in the current period.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Usage {
    /// The plan's key.
    #[schema(example = "free")]
    plan: String,
    metrics: Vec<MetricUsage>,
}

/// One counted thing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MetricUsage {
    metric: Metric,
    used: i64,
    /// Taken by work under way.
    reserved: i64,
    /// How much the plan allows; null where it does not limit it.
    #[schema(required)]
    limit: Option<i64>,
    /// When it begins to be counted anew.
    resets_at: DateTime<Utc>,
}

/// Shows what the workspace used in the current calendar month, UTC, and what its plan allows.
#[utoipa::path(get, path = "/api/v1/usage", operation_id = "getUsage", tag = "billing",
    responses((status = 200, description = "Usage", body = Usage)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Json<Usage>, Problem> {
    let standing = Standing::read(&app, tenant.workspace_id).await?;
    let metrics = Metric::ALL.into_iter().map(|metric| {
        let (used, reserved) = standing.of(metric);
        let limit = standing.plan.limits.get(&metric).copied();
        MetricUsage { metric, used, reserved, limit, resets_at: standing.resets_at }
    });
    Ok(Json(Usage { metrics: metrics.collect(), plan: standing.plan.key.clone() }))
}
