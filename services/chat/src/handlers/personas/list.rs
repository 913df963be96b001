use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::PersonaId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Page, Paging, Problem, Query, State, Tenant};

use super::view::Persona;
use crate::app::App;
use crate::domain::state::Scope;
use crate::store::catalogue::catalogue_list;
use crate::store::personas::{PersonaFilter, persona_list};

/// Which personas.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// In name, role or about, whatever the case.
    #[param(max_length = 100)]
    search: Option<String>,
    /// With exactly this expertise.
    #[param(max_length = 100)]
    expertise: Option<String>,
    /// Of the platform or of the workspace only.
    scope: Option<Scope>,
}

/// The personas of the workspace and of the platform, newest first.
#[utoipa::path(get, path = "/api/v1/personas", operation_id = "listPersonas", tag = "personas",
    params(Filter, Paging), responses((status = 200, description = "A page of them", body = Page<Persona>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<Filter>,
    paging: Paging,
) -> Result<Json<Page<Persona>>, Problem> {
    let list = ("chat.personas", tenant.workspace_id, &query);
    let before: Option<PersonaId> = paging.position(&app.cursors, &list)?;
    let filter = PersonaFilter { search: query.search.clone(), expertise: query.expertise.clone() };
    let read = async |tx: &mut TenantTx<'_>| -> Result<Vec<Persona>, PgError> {
        let mut personas: Vec<Persona> = Vec::new();
        if query.scope != Some(Scope::Platform) {
            let own = persona_list(tx, &filter, before, paging.rows()).await?;
            personas.extend(own.into_iter().map(Persona::from));
        }
        if query.scope != Some(Scope::Workspace) {
            let platform = catalogue_list(tx, &filter, before, paging.rows()).await?;
            personas.extend(platform.into_iter().map(Persona::from));
        }
        Ok(personas)
    };
    let mut personas = app.pg.tenant_read("personas.list", tenant.workspace_id, read).await?;
    // Two tables, one order: the first of both are among the first of each.
    personas.sort_by_key(|persona| std::cmp::Reverse(persona.id));
    Ok(Json(Page::of(personas, paging.limit(), |last| app.cursors.encode(&list, &last.id))))
}
