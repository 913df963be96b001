use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::StartupId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Paging, Problem, Query, State, Tenant};

use super::view::Startup;
use crate::app::App;
use crate::domain::stage::Stage;
use crate::store::startups::{StartupFilter, startup_list};

/// Which start-ups to list.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct StartupQuery {
    /// A part of the name, whatever the case.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Only those that are this far.
    #[param(inline)]
    stage: Option<Stage>,
}

/// Lists the workspace's start-ups, newest first.
#[utoipa::path(get, path = "/api/v1/startups", operation_id = "listStartups", tag = "startups",
    params(StartupQuery, Paging), responses((status = 200, description = "Start-ups", body = Page<Startup>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<StartupQuery>,
    paging: Paging,
) -> Result<Page<Startup>, Problem> {
    let bound = ("startups", tenant.workspace_id, &query);
    let before: Option<StartupId> = paging.position(&app.cursors, &bound)?;
    let search = query.q.clone().filter(|text| !text.trim().is_empty());
    let filter = StartupFilter { search, stage: query.stage.map(Stage::as_str) };
    let list = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        startup_list(tx, &filter, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("startup.list", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&bound, &row.id));
    Ok(page.map(Startup::from))
}
