use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Problem, State};

use crate::app::App;
use crate::ledger::release;

/// Work that will not be done.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReleaseWish {
    workspace_id: WorkspaceId,
    #[schema(min_length = 1, max_length = 100)]
    reference: String,
}

/// Gives back what was reserved for work that will not be done.
#[utoipa::path(post, path = "/internal/reservations/release", operation_id = "release", tag = "internal",
    request_body = ReleaseWish, responses((status = 200, description = "Nothing is reserved for it any more")))]
pub(crate) async fn handle(app: State<App>, Body(wish): Body<ReleaseWish>) -> Result<Json<Value>, Problem> {
    let give_back =
        async |tx: &mut TenantTx<'_>| -> Result<(), PgError> { release(tx, &wish.reference).await };
    app.pg.tenant("ledger.release", wish.workspace_id, give_back).await?;
    Ok(Json(json!({})))
}
