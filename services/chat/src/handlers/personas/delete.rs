use witan_ids::PersonaId;
use witan_pg::TenantTx;
use witan_web::{NoContent, Path, Problem, State, Tenant};

use super::update::own;
use crate::app::App;
use crate::store::personas::persona_delete;

/// Deletes a persona of the workspace. Conversations with it stay readable.
#[utoipa::path(delete, path = "/api/v1/personas/{personaId}", operation_id = "deletePersona", tag = "personas",
    params(("personaId" = PersonaId, Path)), responses((status = 204, description = "Deleted")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<PersonaId>,
) -> Result<NoContent, Problem> {
    own(&app, &tenant, id).await?;
    let delete = async |tx: &mut TenantTx<'_>| persona_delete(tx, id).await;
    let deleted = app.pg.tenant("personas.delete", tenant.workspace_id, delete).await?;
    if deleted { Ok(NoContent) } else { Err(Problem::not_found()) }
}
