use witan_ids::DeliveryId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Accepted, Path, Problem, State, Tenant, codes};

use super::view::Delivery;
use crate::app::App;
use crate::delivery::create::enqueue;
use crate::domain::state::EndpointState;
use crate::store::deliveries::{DeliveryRow, delivery_lock, delivery_restart};
use crate::store::endpoints::endpoint_find;

/// Sends a delivery again, now and by the whole schedule, with the same `webhook-id` and body.
///
/// An attempt that was planned is replaced by this one.
#[utoipa::path(post, path = "/api/v1/webhooks/deliveries/{deliveryId}/resend", operation_id = "resendWebhookDelivery",
    tag = "webhooks", params(("deliveryId" = DeliveryId, Path)),
    responses((status = 202, description = "On its way", body = Delivery)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<DeliveryId>,
) -> Result<Accepted<Delivery>, Problem> {
    let resend = async |tx: &mut TenantTx<'_>| -> Result<Option<DeliveryRow>, PgError> {
        let delivery = delivery_lock(tx.pipeline(), id).await?.ok_or(PgError::NotFound)?;
        let endpoint = endpoint_find(tx, delivery.endpoint_id).await?.ok_or(PgError::NotFound)?;
        if endpoint.state() == EndpointState::Disabled {
            return Ok(None);
        }
        // A paused endpoint's delivery is put aside when its time comes, and sent when the endpoint resumes.
        let restarted = delivery_restart(tx, id, app.clock.now()).await?;
        enqueue(tx.pipeline(), &app.clock, std::slice::from_ref(&restarted)).await?;
        Ok(Some(restarted))
    };
    let resent = app.pg.tenant("deliveries.resend", tenant.workspace_id, resend).await?;
    let delivery = resent.ok_or_else(|| Problem::new(&codes::webhooks::ENDPOINT_DISABLED))?;
    let location = Some(format!("/api/v1/webhooks/deliveries/{id}"));
    Ok(Accepted { location, body: delivery.into() })
}
