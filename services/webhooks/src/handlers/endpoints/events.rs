use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use witan_ids::{EndpointId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Cursors, Json, Path, Problem, Query, State, Tenant, codes};

use crate::app::App;
use crate::domain::mode::fetched;
use crate::store::endpoints::endpoint_find;
use crate::store::pull::{Waiting, pull_waiting};

const DEFAULT_LIMIT: u16 = 100;

/// How much to fetch.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Wish {
    /// How many events at most.
    #[param(minimum = 1, maximum = 100, default = 100, nullable = false)]
    limit: Option<u16>,
    /// A `through` of before, to look further without acknowledging.
    #[param(nullable = false)]
    after: Option<String>,
}

/// Events that wait to be acknowledged.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WaitingWebhookEvents)]
pub(crate) struct WaitingEvents {
    /// Oldest first; each is byte for byte the body that a webhook would have.
    #[schema(value_type = Vec<Object>)]
    data: Vec<Box<RawValue>>,
    /// Acknowledges these events and all before them; null when there are none.
    #[schema(required)]
    through: Option<String>,
    /// Whether there are more behind them.
    has_more: bool,
}

/// Fetches the events that wait at an endpoint, oldest first: all that are not acknowledged.
///
/// Of an endpoint with mode `PULL`, and of one that is paused, not verified or disabled: what it has missed can be fetched
/// instead of being sent later. An event comes again until it is acknowledged, and none is left out.
#[utoipa::path(get, path = "/api/v1/webhooks/endpoints/{endpointId}/events", operation_id = "fetchWebhookEvents",
    tag = "webhooks", params(("endpointId" = EndpointId, Path), Wish),
    responses((status = 200, description = "What waits", body = WaitingEvents)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<EndpointId>,
    Query(wish): Query<Wish>,
) -> Result<Json<WaitingEvents>, Problem> {
    let limit = usize::from(wish.limit.unwrap_or(DEFAULT_LIMIT));
    let after = wish.after.as_deref().map(|cursor| place(&app.cursors, tenant.workspace_id, id, cursor));
    let read = async |tx: &mut TenantTx<'_>| -> Result<Option<Vec<Waiting>>, PgError> {
        let endpoint = endpoint_find(tx, id).await?.ok_or(PgError::NotFound)?;
        let Some(states) = fetched(endpoint.state()) else { return Ok(None) };
        let after = after.as_ref().and_then(|after| after.as_ref().ok()).copied().unwrap_or_default();
        let rows = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        Ok(Some(pull_waiting(tx, id, after, states, rows).await?))
    };
    let found = app.pg.tenant("endpoints.events", tenant.workspace_id, read).await?;
    let mut waiting = found.ok_or_else(|| Problem::new(&codes::webhooks::ENDPOINT_PUSHES))?;
    // Only who may see the endpoint hears what is wrong with the cursor.
    after.transpose()?;
    let has_more = waiting.len() > limit;
    waiting.truncate(limit);
    let list = list(tenant.workspace_id, id);
    let through = waiting.last().map(|last| app.cursors.encode(&list, &last.place));
    let data = waiting.into_iter().map(raw).collect::<Result<_, _>>()?;
    Ok(Json(WaitingEvents { data, through, has_more }))
}

fn list(workspace: WorkspaceId, endpoint: EndpointId) -> (&'static str, WorkspaceId, EndpointId) {
    ("webhooks.pull", workspace, endpoint)
}

/// The place that a cursor of this endpoint stands for.
pub(super) fn place(
    cursors: &Cursors,
    workspace: WorkspaceId,
    endpoint: EndpointId,
    cursor: &str,
) -> Result<i64, Problem> {
    Ok(cursors.decode(&list(workspace, endpoint), cursor)?)
}

fn raw(waiting: Waiting) -> Result<Box<RawValue>, Problem> {
    let text = String::from_utf8(waiting.body).map_err(Problem::internal)?;
    RawValue::from_string(text).map_err(Problem::internal)
}
