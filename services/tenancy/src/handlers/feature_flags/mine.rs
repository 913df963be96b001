use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use witan_web::{Json, Problem, State, Tenant};

use crate::app::App;

/// What the caller has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Features {
    /// Every feature that has a flag, and whether the caller has it in this workspace. A feature without a flag is as it
    /// is by default.
    #[schema(example = json!({ "council.run": true }))]
    features: BTreeMap<String, bool>,
}

/// Says which features the caller has in the workspace, for clients that hide what is switched off.
#[utoipa::path(get, path = "/api/v1/features", operation_id = "listFeatures", tag = "feature flags",
    responses((status = 200, description = "Features", body = Features)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Json<Features>, Problem> {
    let features = app.feature_flags.all(Some(tenant.workspace_id), Some(tenant.user_id));
    Ok(Json(Features { features }))
}
