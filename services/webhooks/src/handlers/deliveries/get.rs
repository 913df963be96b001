use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::DeliveryId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::{Attempt, Delivery};
use crate::app::App;
use crate::store::attempts::attempt_list;
use crate::store::deliveries::delivery_find;

/// A delivery with its log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDeliveryDetail)]
pub(crate) struct DeliveryDetail {
    #[serde(flatten)]
    delivery: Delivery,
    /// Oldest first.
    attempt_log: Vec<Attempt>,
}

/// One delivery, with every attempt.
#[utoipa::path(get, path = "/api/v1/webhooks/deliveries/{deliveryId}", operation_id = "getWebhookDelivery",
    tag = "webhooks", params(("deliveryId" = DeliveryId, Path)),
    responses((status = 200, description = "The delivery", body = DeliveryDetail)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<DeliveryId>,
) -> Result<Json<DeliveryDetail>, Problem> {
    let read = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let delivery = delivery_find(tx, id).await?.ok_or(PgError::NotFound)?;
        let attempts = attempt_list(tx, &delivery).await?;
        Ok((delivery, attempts))
    };
    let (delivery, attempts) = app.pg.tenant("deliveries.get", tenant.workspace_id, read).await?;
    Ok(Json(DeliveryDetail {
        delivery: delivery.into(),
        attempt_log: attempts.into_iter().map(Attempt::from).collect(),
    }))
}
