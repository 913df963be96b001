use witan_ids::PersonaId;
use witan_pg::TenantTx;
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::Persona;
use crate::app::App;
use crate::persona;

/// One persona.
#[utoipa::path(get, path = "/api/v1/personas/{personaId}", operation_id = "getPersona", tag = "personas",
    params(("personaId" = PersonaId, Path)),
    responses((status = 200, description = "The persona", body = Persona)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<PersonaId>,
) -> Result<Json<Persona>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| persona::find(tx, id).await;
    let found = app.pg.tenant_read("personas.get", tenant.workspace_id, find).await?;
    Ok(Json(found.ok_or_else(Problem::not_found)?.into()))
}
