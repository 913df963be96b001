use witan_ids::ReplayId;
use witan_pg::TenantTx;
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::Replay;
use crate::app::App;
use crate::store::replays::replay_find;

/// A replay and how far it is.
#[utoipa::path(get, path = "/api/v1/webhooks/replays/{replayId}", operation_id = "getWebhookReplay",
    tag = "webhooks", params(("replayId" = ReplayId, Path)),
    responses((status = 200, description = "The replay", body = Replay)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<ReplayId>,
) -> Result<Json<Replay>, Problem> {
    let read = async |tx: &mut TenantTx<'_>| replay_find(tx, id).await;
    let found = app.pg.tenant("replays.get", tenant.workspace_id, read).await?;
    Ok(Json(found.ok_or_else(Problem::not_found)?.into()))
}
