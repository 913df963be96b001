use witan_ids::EndpointId;
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::Endpoint;
use crate::app::App;
use crate::store::endpoints::endpoint_find;

/// One endpoint.
#[utoipa::path(get, path = "/api/v1/webhooks/endpoints/{endpointId}", operation_id = "getWebhookEndpoint",
    tag = "webhooks", params(("endpointId" = EndpointId, Path)),
    responses((status = 200, description = "The endpoint", body = Endpoint)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<EndpointId>,
) -> Result<Json<Endpoint>, Problem> {
    let found =
        app.pg.tenant("endpoints.get", tenant.workspace_id, async |tx| endpoint_find(tx, id).await).await?;
    Ok(Json(Endpoint::of(&app, found.ok_or_else(Problem::not_found)?)?))
}
