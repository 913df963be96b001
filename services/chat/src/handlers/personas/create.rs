use secrecy::ExposeSecret as _;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_egress::SigningSecret;
use witan_ids::PersonaId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Created, Problem, State, Tenant, Violations, codes};

use super::input::{self, BackendInput, Parsed};
use super::view::SavedPersona;
use crate::app::App;
use crate::store::personas::{PersonaRow, persona_insert};

/// A persona to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreatePersona {
    /// Unique in the workspace.
    #[schema(min_length = 1, max_length = 100, example = "Our own CFO")]
    name: String,
    #[schema(min_length = 1, max_length = 200, example = "CFO")]
    role: String,
    #[schema(max_length = 2000, nullable = false)]
    about: Option<String>,
    #[schema(max_items = 30, nullable = false)]
    traits: Option<Vec<String>>,
    #[schema(max_items = 30, nullable = false)]
    expertise: Option<Vec<String>>,
    /// How they speak.
    #[schema(max_length = 1000, nullable = false)]
    style: Option<String>,
    #[schema(max_items = 30, nullable = false)]
    pain_points: Option<Vec<String>>,
    #[schema(max_items = 30, nullable = false)]
    responsibilities: Option<Vec<String>>,
    backend: BackendInput,
}

/// Makes a persona of the workspace.
///
/// For a webhook the answer holds the secret that verifies our requests, this once.
#[utoipa::path(post, path = "/api/v1/personas", operation_id = "createPersona", tag = "personas",
    request_body = CreatePersona, responses((status = 201, description = "Made", body = SavedPersona)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Body(request): Body<CreatePersona>,
) -> Result<Created<SavedPersona>, Problem> {
    let mut violations = Violations::new();
    let backend = input::backend(&app, &mut violations, &request.backend).await;
    let backend = violations.build(|| backend)?;
    let secret = input::new_secret(&app, &backend);
    let row = row(&app, &tenant, request, &backend, secret.as_ref());
    let insert = async |tx: &mut TenantTx<'_>| persona_insert(tx, &row).await;
    app.pg.tenant("personas.create", tenant.workspace_id, insert).await.map_err(name_taken)?;
    let location = format!("/api/v1/personas/{}", row.id);
    let secret = secret.map(|secret| secret.reveal().expose_secret().to_owned());
    Ok(Created { location, body: SavedPersona { persona: row.into(), secret } })
}

fn row(
    app: &App,
    tenant: &Tenant,
    request: CreatePersona,
    backend: &Parsed,
    secret: Option<&SigningSecret>,
) -> PersonaRow {
    let (id, now) = (PersonaId::generate(&app.clock), app.clock.now());
    let columns = input::columns(app, tenant.workspace_id, id, backend, secret);
    PersonaRow {
        workspace_id: tenant.workspace_id,
        id,
        name: request.name,
        role: request.role,
        about: request.about.unwrap_or_default(),
        traits: request.traits.unwrap_or_default(),
        expertise: request.expertise.unwrap_or_default(),
        style: request.style.unwrap_or_default(),
        pain_points: request.pain_points.unwrap_or_default(),
        responsibilities: request.responsibilities.unwrap_or_default(),
        backend: columns.backend.to_owned(),
        model: columns.model,
        agent: columns.agent,
        url_sealed: columns.url_sealed,
        url_host: columns.url_host,
        secret_sealed: columns.secret_sealed,
        created_by: tenant.user_id,
        created_at: now,
        updated_at: now,
    }
}

/// The unique constraint decides, so that two who save at once are told apart.
pub(super) fn name_taken(error: PgError) -> Problem {
    match error.constraint() {
        Some("personas_workspace_id_name_key") => {
            Problem::new(&codes::chat::PERSONA_NAME_TAKEN).source(error)
        }
        _ => error.into(),
    }
}
