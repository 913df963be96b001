use chrono::SubsecRound;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::StartupId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, HttpRequest, Json, Path, Problem, State, Tenant, Violations};

use super::create::web_address;
use super::view::Startup;
use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::domain::name::Name;
use crate::domain::stage::Stage;
use crate::events;
use crate::handlers::patch::present;
use crate::store::startups::{StartupChanges, startup_update};

/// What changes (RFC 7396): what is missing stays, and `null` takes away.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateStartup {
    #[schema(min_length = 1, max_length = 120, nullable = false)]
    name: Option<String>,
    /// What it does, for whom, and how it earns.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 80, example = "SaaS")]
    industry: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Stage>)]
    stage: Option<Option<Stage>>,
    /// An `http` or `https` address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 2000, example = "https://example.com")]
    website: Option<Option<String>>,
    /// ISO 3166-1 alpha-2.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, pattern = "^[A-Z]{2}$", example = "GB")]
    country: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 1000000, example = 4)]
    team_size: Option<Option<i32>>,
}

/// Changes a start-up's profile.
#[utoipa::path(patch, path = "/api/v1/startups/{startupId}", operation_id = "updateStartup", tag = "startups",
    params(("startupId" = StartupId, Path, description = "The start-up")),
    request_body = UpdateStartup, responses((status = 200, description = "As it is now", body = Startup)))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
    Path(id): Path<StartupId>,
    Body(wish): Body<UpdateStartup>,
) -> Result<Json<Startup>, Problem> {
    let changes = parse(&app, wish)?;
    let by = Author::of(&request, tenant.user_id);
    let update = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let row = startup_update(tx, id, &changes).await?.ok_or(PgError::NotFound)?;
        events::startup_updated(tx, &app.clock, &row).await?;
        audit::record(tx, &app.clock, &by, Entry::new("STARTUP_UPDATED", id)).await?;
        Ok(row)
    };
    let row = app.pg.tenant("startup.update", tenant.workspace_id, update).await?;
    Ok(Json(Startup::from(row)))
}

fn parse(app: &App, wish: UpdateStartup) -> Result<StartupChanges, Problem> {
    let mut violations = Violations::new();
    let name = wish.name.and_then(|name| violations.parse("/name", Name::parse(&name, 120)));
    if let Some(Some(website)) = &wish.website {
        violations.parse("/website", web_address(website));
    }
    violations.finish()?;
    Ok(StartupChanges {
        name: name.map(|name| name.as_str().to_owned()),
        description: wish.description,
        industry: wish.industry,
        stage: wish.stage.map(|stage| stage.map(|stage| stage.as_str().to_owned())),
        website: wish.website,
        country: wish.country,
        team_size: wish.team_size,
        updated_at: Some(app.clock.now().trunc_subsecs(3)),
    })
}
