use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Caller, Created, Problem, State, Violations};

use super::view::Workspace;
use crate::app::App;
use crate::domain::name::Name;
use crate::founding::{Founding, found};

/// A workspace to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateWorkspace {
    #[schema(min_length = 1, max_length = 100, example = "Analytical Engines")]
    name: String,
    /// IANA name; `UTC` where missing.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_+/-]+$", example = "Europe/London")]
    time_zone: Option<String>,
    /// BCP 47; `en` where missing.
    #[schema(min_length = 2, max_length = 35, pattern = "^[A-Za-z0-9-]+$", example = "en-GB")]
    locale: Option<String>,
}

/// Makes a workspace with the caller as its ADMIN.
#[utoipa::path(post, path = "/api/v1/workspaces", operation_id = "createWorkspace", tag = "workspaces",
    request_body = CreateWorkspace, responses((status = 201, description = "Made", body = Workspace)))]
pub(crate) async fn handle(
    app: State<App>,
    caller: Caller,
    Body(wish): Body<CreateWorkspace>,
) -> Result<Created<Workspace>, Problem> {
    let mut violations = Violations::new();
    let name = violations.parse("/name", Name::parse(&wish.name, 100));
    let founding = Founding {
        owner: caller.user_id,
        name: violations.build(|| name)?,
        time_zone: wish.time_zone.unwrap_or_else(|| "UTC".to_owned()),
        locale: wish.locale.unwrap_or_else(|| "en".to_owned()),
    };
    let id = WorkspaceId::generate(&app.clock);
    let make = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { found(tx, &app.clock, &founding).await };
    let row = app.pg.tenant("workspace.create", id, make).await?;
    Ok(Created { location: format!("/api/v1/workspaces/{id}"), body: Workspace::of(row, "ADMIN") })
}
