use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Path, Problem, State, Violations};

use crate::app::App;
use crate::events;
use crate::store::subscriptions::subscription_save;

/// A plan to choose.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Subscribe {
    /// The plan's key.
    #[schema(min_length = 1, max_length = 40)]
    plan: String,
}

/// Chooses a workspace's plan.
#[utoipa::path(put, path = "/internal/subscriptions/{workspaceId}", operation_id = "subscribe", tag = "internal",
    params(("workspaceId" = WorkspaceId, Path, description = "The workspace")),
    request_body = Subscribe, responses((status = 200, description = "Chosen")))]
pub(crate) async fn handle(
    app: State<App>,
    Path(workspace): Path<WorkspaceId>,
    Body(wish): Body<Subscribe>,
) -> Result<Json<Value>, Problem> {
    let mut violations = Violations::new();
    violations.parse("/plan", app.config.plans.find(&wish.plan).ok_or("there is no such plan"));
    violations.finish()?;
    let save = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> {
        subscription_save(tx, &wish.plan, app.clock.now()).await?;
        events::subscription_updated(tx, &app.clock, &wish.plan).await
    };
    app.pg.tenant("subscription.save", workspace, save).await?;
    Ok(Json(json!({ "plan": wish.plan })))
}
