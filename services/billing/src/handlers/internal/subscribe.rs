use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Path, Problem, State, Violations};

use crate::app::App;
use crate::domain::metric::Metric;
use crate::domain::period::Period;
use crate::domain::plan::Plan;
use crate::events;
use crate::store::counters::counter_reopen;
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
    let plan = violations.parse("/plan", app.config.plans.find(&wish.plan).ok_or("there is no such plan"));
    let plan = violations.build(|| plan)?;
    let choose = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> { choose(tx, &app, plan).await };
    app.pg.tenant("subscription.choose", workspace, choose).await?;
    Ok(Json(json!({ "plan": wish.plan })))
}

/// What the new plan allows may be used up in its turn, which is told in its turn.
async fn choose(tx: &mut TenantTx<'_>, app: &App, plan: &Plan) -> Result<(), PgError> {
    let now = app.clock.now();
    subscription_save(tx, &plan.key, now).await?;
    for metric in Metric::ALL {
        counter_reopen(tx, metric, Period::of(now), plan.limits.get(&metric).copied()).await?;
    }
    events::subscription_updated(tx, &app.clock, &plan.key).await
}
