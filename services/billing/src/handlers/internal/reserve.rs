use serde::Deserialize;
use utoipa::ToSchema;
use witan_clients::ReserveAnswer;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Problem, State};

use crate::app::App;
use crate::domain::metric::Metric;
use crate::ledger::{Wish, reserve};

/// A wish to use something.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReserveWish {
    workspace_id: WorkspaceId,
    metric: Metric,
    #[schema(minimum = 1, maximum = 1000000000000_i64)]
    amount: i64,
    /// What it is for, such as a run's id.
    #[schema(min_length = 1, max_length = 100)]
    reference: String,
}

/// Takes a part of a plan for work under way; asking twice for one reference takes once.
#[utoipa::path(post, path = "/internal/reservations", operation_id = "reserve", tag = "internal",
    request_body = ReserveWish, responses((status = 200, description = "Reserved, or the limit that was reached")))]
pub(crate) async fn handle(
    app: State<App>,
    Body(wish): Body<ReserveWish>,
) -> Result<Json<ReserveAnswer>, Problem> {
    let part = Wish { metric: wish.metric, amount: wish.amount, reference: &wish.reference };
    let take = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { reserve(tx, &app, &part).await };
    Ok(Json(app.pg.tenant("ledger.reserve", wish.workspace_id, take).await?))
}
