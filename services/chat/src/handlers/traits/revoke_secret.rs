use witan_pg::TenantTx;
use witan_web::{NoContent, Problem, ProblemBody, State, Tenant};

use crate::app::App;
use crate::store::trait_secrets::trait_secret_delete;

/// Ends the secret with which traits are signed, and those it replaced: nothing is taken any more.
#[utoipa::path(delete, path = "/api/v1/webhooks/traits/secret", operation_id = "revokeTraitsSecret", tag = "inbound",
    responses((status = 204, description = "Ended"),
        (status = 404, description = "There is none.", body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<NoContent, Problem> {
    let revoke = async |tx: &mut TenantTx<'_>| trait_secret_delete(tx).await;
    match app.pg.tenant("traits.revoke_secret", tenant.workspace_id, revoke).await? {
        true => Ok(NoContent),
        false => Err(Problem::not_found()),
    }
}
