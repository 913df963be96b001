use secrecy::ExposeSecret as _;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::PersonaId;
use witan_pg::TenantTx;
use witan_web::{Body, Json, Path, Problem, State, Tenant, Violations, codes};

use super::create::name_taken;
use super::input::{self, BackendInput, Columns, Parsed};
use super::view::SavedPersona;
use crate::app::App;
use crate::domain::state::BackendKind;
use crate::persona::{self, Persona};
use crate::store::personas::{PersonaChange, PersonaRow, persona_update};

/// What changes (RFC 7396); what is missing stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdatePersona {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    role: Option<String>,
    #[schema(max_length = 2000, nullable = false)]
    about: Option<String>,
    #[schema(max_items = 30, nullable = false)]
    traits: Option<Vec<String>>,
    #[schema(max_items = 30, nullable = false)]
    expertise: Option<Vec<String>>,
    #[schema(max_length = 1000, nullable = false)]
    style: Option<String>,
    #[schema(max_items = 30, nullable = false)]
    pain_points: Option<Vec<String>>,
    #[schema(max_items = 30, nullable = false)]
    responsibilities: Option<Vec<String>>,
    /// Replaced as a whole. A webhook's secret stays when only its URL changes.
    #[schema(nullable = false)]
    backend: Option<BackendInput>,
}

/// Changes a persona of the workspace.
#[utoipa::path(patch, path = "/api/v1/personas/{personaId}", operation_id = "updatePersona", tag = "personas",
    params(("personaId" = PersonaId, Path)), request_body = UpdatePersona,
    responses((status = 200, description = "As it is now", body = SavedPersona)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<PersonaId>,
    Body(request): Body<UpdatePersona>,
) -> Result<Json<SavedPersona>, Problem> {
    let present = own(&app, &tenant, id).await?;
    let backend = parse(&app, &request).await?;
    let is_webhook = BackendKind::from_column(&present.backend) == BackendKind::Webhook;
    let secret = backend.as_ref().and_then(|parsed| input::new_secret(&app, parsed)).filter(|_| !is_webhook);
    let columns = backend.map(|parsed| {
        let columns = input::columns(&app, tenant.workspace_id, id, &parsed, secret.as_ref());
        let kept = present.secret_sealed.clone().filter(|_| matches!(parsed, Parsed::Webhook(_)));
        Columns { secret_sealed: columns.secret_sealed.or(kept), ..columns }
    });
    let change = change(&app, request, columns);
    let update = async |tx: &mut TenantTx<'_>| persona_update(tx, id, &change).await;
    let row = app.pg.tenant("personas.update", tenant.workspace_id, update).await.map_err(name_taken)?;
    let persona = row.ok_or_else(Problem::not_found)?.into();
    let secret = secret.map(|secret| secret.reveal().expose_secret().to_owned());
    Ok(Json(SavedPersona { persona, secret }))
}

/// A persona that the workspace may change.
pub(super) async fn own(app: &App, tenant: &Tenant, id: PersonaId) -> Result<PersonaRow, Problem> {
    let find = async |tx: &mut TenantTx<'_>| persona::find(tx, id).await;
    match app.pg.tenant_read("personas.get", tenant.workspace_id, find).await? {
        Some(Persona::Own(row)) => Ok(row),
        Some(Persona::Platform(_)) => Err(Problem::new(&codes::chat::PERSONA_READ_ONLY)),
        None => Err(Problem::not_found()),
    }
}

async fn parse(app: &App, request: &UpdatePersona) -> Result<Option<Parsed>, Problem> {
    let mut violations = Violations::new();
    let parsed = match &request.backend {
        Some(backend) => input::backend(app, &mut violations, backend).await,
        None => None,
    };
    violations.finish()?;
    Ok(parsed)
}

fn change(app: &App, request: UpdatePersona, columns: Option<Columns>) -> PersonaChange {
    let mut change = PersonaChange {
        name: request.name,
        role: request.role,
        about: request.about,
        traits: request.traits,
        expertise: request.expertise,
        style: request.style,
        pain_points: request.pain_points,
        responsibilities: request.responsibilities,
        updated_at: Some(app.clock.now()),
        ..PersonaChange::default()
    };
    if let Some(columns) = columns {
        change.backend = Some(columns.backend.to_owned());
        change.model = Some(columns.model);
        change.agent = Some(columns.agent);
        change.url_sealed = Some(columns.url_sealed);
        change.url_host = Some(columns.url_host);
        change.secret_sealed = Some(columns.secret_sealed);
    }
    change
}
