use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Method};
use witan_egress::Outgoing;
use witan_ids::EndpointId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, State, Tenant, codes};

use super::view::Endpoint;
use crate::app::App;
use crate::custom_headers;
use crate::delivery::create::enqueue;
use crate::domain::handshake::{self, Permission, REQUEST_ORIGIN, REQUEST_RATE};
use crate::domain::state::EndpointState;
use crate::store::deliveries::delivery_release;
use crate::store::endpoints::{
    EndpointChange, EndpointRow, endpoint_find, endpoint_lock, endpoint_set_state, endpoint_update,
};

/// Of the answer only headers are looked at.
const MAX_ANSWER: usize = 4096;

/// Asks the receiver whether it agrees to be sent to.
///
/// This is the abuse protection of CloudEvents' HTTP web hooks (1.0, section 4): an `OPTIONS` request with
/// `WebHook-Request-Origin`, and with the custom headers. The answer must be a 2xx with that origin or `*` as
/// `WebHook-Allowed-Origin`; a number as `WebHook-Allowed-Rate` bounds the requests in a minute. An endpoint that waited for
/// this gets what was held.
#[utoipa::path(post, path = "/api/v1/webhooks/endpoints/{endpointId}/verify", operation_id = "verifyWebhookEndpoint",
    tag = "webhooks", params(("endpointId" = EndpointId, Path)),
    responses((status = 200, description = "It agreed; the endpoint as it is now", body = Endpoint)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<EndpointId>,
) -> Result<Json<Endpoint>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| endpoint_find(tx, id).await;
    let asked = app.pg.tenant("endpoints.get", tenant.workspace_id, find).await?;
    let asked = asked.ok_or_else(Problem::not_found)?;
    let permission = ask(&app, &asked).await?;
    let note = async |tx: &mut TenantTx<'_>| agreed(&app, tx, &asked, permission).await;
    let row = app.pg.tenant("endpoints.verify", tenant.workspace_id, note).await?;
    // Somebody else was asked.
    let row = row.ok_or_else(|| Problem::new(&codes::webhooks::ENDPOINT_CHANGED))?;
    Ok(Json(Endpoint::of(&app, row)?))
}

async fn ask(app: &App, endpoint: &EndpointRow) -> Result<Permission, Problem> {
    let url = app.seals.open_url(endpoint).map_err(Problem::internal)?;
    let url = url.ok_or_else(|| Problem::new(&codes::webhooks::ENDPOINT_PULLS))?;
    let own = app.seals.open_headers(endpoint).map_err(Problem::internal)?;
    let mut request = Outgoing::new(Method::OPTIONS, url)
        .timeout(endpoint.timeout(&app.config))
        .max_response_bytes(MAX_ANSWER)
        .peer("partner");
    request.headers = custom_headers::as_map(&own);
    put(&mut request.headers, REQUEST_ORIGIN, &app.config.origin);
    if let Some(rate) = endpoint.rate_limit {
        put(&mut request.headers, REQUEST_RATE, &(rate * 60).to_string());
    }
    let failed = |why: String| Problem::new(&codes::webhooks::VERIFICATION_FAILED).detail(why);
    let answer = app.guarded.send(request).await.map_err(|error| failed(error.to_string()))?;
    handshake::permission(answer.status.as_u16(), &answer.headers, &app.config.origin)
        .map_err(|refusal| failed(refusal.to_string()))
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// `None` if the endpoint has another URL by now.
async fn agreed(
    app: &App,
    tx: &mut TenantTx<'_>,
    asked: &EndpointRow,
    permission: Permission,
) -> Result<Option<EndpointRow>, PgError> {
    let (id, now): (_, DateTime<Utc>) = (asked.id, app.clock.now());
    let present = endpoint_lock(tx, id).await?.ok_or(PgError::NotFound)?;
    // Every change seals anew.
    if present.url_sealed != asked.url_sealed {
        return Ok(None);
    }
    let change = EndpointChange {
        verified_at: Some(Some(now)),
        allowed_rate: Some(permission.rate),
        updated_at: Some(now),
        ..EndpointChange::default()
    };
    let row = endpoint_update(tx, id, &change).await?;
    if present.state() != EndpointState::Unverified {
        return Ok(Some(row));
    }
    endpoint_set_state(tx, id, EndpointState::Enabled, None, now).await?;
    let released = delivery_release(tx, id, now).await?;
    enqueue(tx.pipeline(), &app.clock, &released).await?;
    endpoint_find(tx, id).await
}
