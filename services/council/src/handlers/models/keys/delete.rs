use witan_pg::{PgError, TenantTx};
use witan_web::{HttpRequest, NoContent, Path, Problem, Result, State, Tenant};

use crate::app::App;
use crate::audit::{self, Author};
use crate::store::provider_keys::provider_key_delete;

/// Forgets the workspace's own key with a provider. Its questions go there with the platform's key, if there is one.
#[utoipa::path(delete, path = "/api/v1/models/keys/{provider}", operation_id = "deleteProviderKey", tag = "models",
    params(("provider" = String, Path, description = "The provider")),
    responses((status = 204, description = "Forgotten")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
    Path(provider): Path<String>,
) -> Result<NoContent> {
    let by = Author::of(&request, tenant.user_id);
    let delete = async |tx: &mut TenantTx<'_>| -> std::result::Result<bool, PgError> {
        let was = provider_key_delete(tx, &provider).await?;
        if was {
            audit::record(tx, &app.clock, &by, "PROVIDER_KEY_REMOVED", &provider).await?;
        }
        Ok(was)
    };
    let deleted = app.pg.tenant("provider_key.delete", tenant.workspace_id, delete).await?;
    app.seals.forget(tenant.workspace_id).await;
    if deleted { Ok(NoContent) } else { Err(Problem::not_found()) }
}
