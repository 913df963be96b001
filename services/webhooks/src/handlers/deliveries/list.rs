use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::{DeliveryId, EndpointId, EventId};
use witan_pg::TenantTx;
use witan_web::{Json, Page, Paging, Problem, Query, State, Tenant};

use super::view::Delivery;
use crate::app::App;
use crate::domain::span::Span;
use crate::domain::state::DeliveryState;
use crate::store::deliveries::{DeliveryFilter, delivery_list};

/// Which deliveries of the workspace.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// To this endpoint.
    endpoint_id: Option<EndpointId>,
    /// Of this event: `webhook-id`.
    message_id: Option<EventId>,
    /// In this state.
    state: Option<DeliveryState>,
    /// Of this type.
    #[param(example = "startup.created")]
    event_type: Option<String>,
    /// Made at or after this time.
    since: Option<DateTime<Utc>>,
    /// Made before this time.
    until: Option<DateTime<Utc>>,
}

/// The workspace's deliveries to all of its endpoints, newest first.
#[utoipa::path(get, path = "/api/v1/webhooks/deliveries", operation_id = "listWorkspaceWebhookDeliveries",
    tag = "webhooks", params(Filter, Paging),
    responses((status = 200, description = "A page of them", body = Page<Delivery>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<Filter>,
    paging: Paging,
) -> Result<Json<Page<Delivery>>, Problem> {
    let list = ("webhooks.deliveries.all", tenant.workspace_id, &query);
    let before: Option<DeliveryId> = paging.position(&app.cursors, &list)?;
    let filter = DeliveryFilter {
        endpoint: query.endpoint_id,
        message: query.message_id,
        state: query.state,
        event_type: query.event_type.clone(),
        span: Span { since: query.since, until: query.until },
    };
    let read = async |tx: &mut TenantTx<'_>| delivery_list(tx, &filter, before, paging.rows()).await;
    let rows = app.pg.tenant_read("deliveries.list", tenant.workspace_id, read).await?;
    let page = Page::of(rows, paging.limit(), |last| app.cursors.encode(&list, &last.id));
    Ok(Json(page.map(Delivery::from)))
}
