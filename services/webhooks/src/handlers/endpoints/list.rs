use witan_ids::EndpointId;
use witan_pg::TenantTx;
use witan_web::{Json, Page, Paging, Problem, State, Tenant};

use super::view::Endpoint;
use crate::app::App;
use crate::store::endpoints::endpoint_list;

/// The workspace's endpoints, newest first.
#[utoipa::path(get, path = "/api/v1/webhooks/endpoints", operation_id = "listWebhookEndpoints", tag = "webhooks",
    params(Paging), responses((status = 200, description = "A page of them", body = Page<Endpoint>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    paging: Paging,
) -> Result<Json<Page<Endpoint>>, Problem> {
    let list = ("webhooks.endpoints", tenant.workspace_id);
    let before: Option<EndpointId> = paging.position(&app.cursors, &list)?;
    let read = async |tx: &mut TenantTx<'_>| endpoint_list(tx, before, paging.rows()).await;
    let rows = app.pg.tenant_read("endpoints.list", tenant.workspace_id, read).await?;
    let page = Page::of(rows, paging.limit(), |last| app.cursors.encode(&list, &last.id));
    let data = page.data.into_iter().map(|row| Endpoint::of(&app, row)).collect::<Result<_, _>>()?;
    Ok(Json(Page { data, next_cursor: page.next_cursor }))
}
