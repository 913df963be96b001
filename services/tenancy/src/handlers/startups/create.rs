use chrono::SubsecRound;
use serde::Deserialize;
use url::Url;
use utoipa::ToSchema;
use witan_ids::StartupId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Created, HttpRequest, Problem, State, Tenant, Violations};

use super::view::Startup;
use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::domain::name::Name;
use crate::domain::stage::Stage;
use crate::events;
use crate::store::startups::{StartupRow, startup_insert};

/// A start-up to describe.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateStartup {
    #[schema(min_length = 1, max_length = 120, example = "Analytical Engines")]
    name: String,
    /// What it does, for whom, and how it earns.
    #[schema(max_length = 4000)]
    description: Option<String>,
    #[schema(max_length = 80, example = "SaaS")]
    industry: Option<String>,
    stage: Option<Stage>,
    /// An `http` or `https` address.
    #[schema(max_length = 2000, example = "https://example.com")]
    website: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(pattern = "^[A-Z]{2}$", example = "GB")]
    country: Option<String>,
    #[schema(minimum = 0, maximum = 1000000, example = 4)]
    team_size: Option<i32>,
}

/// Describes a start-up.
#[utoipa::path(post, path = "/api/v1/startups", operation_id = "createStartup", tag = "startups",
    request_body = CreateStartup, responses((status = 201, description = "Described", body = Startup)))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
    Body(wish): Body<CreateStartup>,
) -> Result<Created<Startup>, Problem> {
    let row = parse(&app, &tenant, wish)?;
    let by = Author::of(&request, tenant.user_id);
    let insert = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> {
        startup_insert(tx, &row).await?;
        events::startup_created(tx, &app.clock, &row).await?;
        audit::record(tx, &app.clock, &by, Entry::new("STARTUP_CREATED", row.id)).await
    };
    app.pg.tenant("startup.create", tenant.workspace_id, insert).await?;
    Ok(Created { location: format!("/api/v1/startups/{}", row.id), body: Startup::from(row) })
}

fn parse(app: &App, tenant: &Tenant, wish: CreateStartup) -> Result<StartupRow, Problem> {
    let mut violations = Violations::new();
    let name = violations.parse("/name", Name::parse(&wish.name, 120));
    if let Some(website) = &wish.website {
        violations.parse("/website", web_address(website));
    }
    let name = violations.build(|| name)?;
    let now = app.clock.now().trunc_subsecs(3);
    Ok(StartupRow {
        workspace_id: tenant.workspace_id,
        id: StartupId::generate(&app.clock),
        name: name.as_str().to_owned(),
        description: wish.description,
        industry: wish.industry,
        stage: wish.stage.map(|stage| stage.as_str().to_owned()),
        website: wish.website,
        country: wish.country,
        team_size: wish.team_size,
        created_by: tenant.user_id,
        created_at: now,
        updated_at: now,
    })
}

/// Nothing is fetched from it; people follow it from a page, so it must not be a script.
pub(super) fn web_address(text: &str) -> Result<(), &'static str> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(()),
        _ => Err("must be an http or https address"),
    }
}
