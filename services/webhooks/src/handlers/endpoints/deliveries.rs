use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::{DeliveryId, EndpointId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Page, Paging, Path, Problem, Query, State, Tenant};

use crate::app::App;
use crate::domain::span::Span;
use crate::domain::state::DeliveryState;
use crate::handlers::deliveries::view::Delivery;
use crate::store::deliveries::{DeliveryFilter, delivery_list};
use crate::store::endpoints::endpoint_find;

/// Which deliveries.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
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

/// An endpoint's deliveries, newest first.
#[utoipa::path(get, path = "/api/v1/webhooks/endpoints/{endpointId}/deliveries", operation_id = "listWebhookDeliveries",
    tag = "webhooks", params(("endpointId" = EndpointId, Path), Filter, Paging),
    responses((status = 200, description = "A page of them", body = Page<Delivery>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(endpoint): Path<EndpointId>,
    Query(query): Query<Filter>,
    paging: Paging,
) -> Result<Json<Page<Delivery>>, Problem> {
    let list = ("webhooks.deliveries", tenant.workspace_id, endpoint, &query);
    let before: Option<DeliveryId> = paging.position(&app.cursors, &list)?;
    let filter = DeliveryFilter {
        endpoint: Some(endpoint),
        message: None,
        state: query.state,
        event_type: query.event_type.clone(),
        span: Span { since: query.since, until: query.until },
    };
    let read = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        endpoint_find(tx, endpoint).await?.ok_or(PgError::NotFound)?;
        delivery_list(tx, &filter, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("deliveries.list", tenant.workspace_id, read).await?;
    let page = Page::of(rows, paging.limit(), |last| app.cursors.encode(&list, &last.id));
    Ok(Json(page.map(Delivery::from)))
}
