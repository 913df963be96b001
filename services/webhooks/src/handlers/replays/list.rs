use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::{EndpointId, ReplayId};
use witan_pg::TenantTx;
use witan_web::{Json, Page, Paging, Problem, Query, State, Tenant};

use super::view::Replay;
use crate::app::App;
use crate::domain::replay::ReplayState;
use crate::store::replays::replay_list;

/// Which replays of the workspace.
#[derive(Debug, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Of this endpoint.
    endpoint_id: Option<EndpointId>,
    /// In this state.
    state: Option<ReplayState>,
}

/// What the workspace sent again in bulk, newest first.
#[utoipa::path(get, path = "/api/v1/webhooks/replays", operation_id = "listWebhookReplays", tag = "webhooks",
    params(Filter, Paging), responses((status = 200, description = "A page of them", body = Page<Replay>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<Filter>,
    paging: Paging,
) -> Result<Json<Page<Replay>>, Problem> {
    let list = ("webhooks.replays", tenant.workspace_id, &query);
    let before: Option<ReplayId> = paging.position(&app.cursors, &list)?;
    let read = async |tx: &mut TenantTx<'_>| {
        replay_list(tx, query.endpoint_id, query.state, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("replays.list", tenant.workspace_id, read).await?;
    let page = Page::of(rows, paging.limit(), |last| app.cursors.encode(&list, &last.id));
    Ok(Json(page.map(Replay::from)))
}
