use witan_ids::ReplayId;
use witan_pg::{PgError, TenantTx};
use witan_web::{NoContent, Path, Problem, State, Tenant};

use crate::app::App;
use crate::domain::replay::ReplayState;
use crate::store::replays::{replay_finish, replay_lock};

/// Ends a replay. What it has put on its way still arrives; a replay that is over stays as it is.
#[utoipa::path(delete, path = "/api/v1/webhooks/replays/{replayId}", operation_id = "cancelWebhookReplay",
    tag = "webhooks", params(("replayId" = ReplayId, Path)),
    responses((status = 204, description = "Over")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<ReplayId>,
) -> Result<NoContent, Problem> {
    let end = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> {
        let replay = replay_lock(tx, id).await?.ok_or(PgError::NotFound)?;
        if replay.state() == ReplayState::Running {
            replay_finish(tx, id, ReplayState::Cancelled, app.clock.now()).await?;
        }
        Ok(())
    };
    app.pg.tenant("replays.cancel", tenant.workspace_id, end).await?;
    Ok(NoContent)
}
