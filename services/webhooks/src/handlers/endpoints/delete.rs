use witan_ids::EndpointId;
use witan_web::{NoContent, Path, Problem, State, Tenant};

use crate::app::App;
use crate::store::endpoints::endpoint_delete;

/// Deletes an endpoint with its secrets, its deliveries and their log. What is on its way may still arrive.
#[utoipa::path(delete, path = "/api/v1/webhooks/endpoints/{endpointId}", operation_id = "deleteWebhookEndpoint",
    tag = "webhooks", params(("endpointId" = EndpointId, Path)),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<EndpointId>,
) -> Result<NoContent, Problem> {
    let deleted = app
        .pg
        .tenant("endpoints.delete", tenant.workspace_id, async |tx| endpoint_delete(tx, id).await)
        .await?;
    if deleted { Ok(NoContent) } else { Err(Problem::not_found()) }
}
