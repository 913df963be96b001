use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use url::Url;
use utoipa::ToSchema;
use witan_ids::EndpointId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Path, Problem, State, Tenant, Violations, codes};

use super::input;
use super::view::Endpoint;
use crate::app::App;
use crate::custom_headers::CustomHeaders;
use crate::delivery::create::enqueue;
use crate::domain::state::EndpointState;
use crate::seals::SealError;
use crate::store::deliveries::delivery_release;
use crate::store::endpoints::{
    EndpointChange, EndpointRow, endpoint_find, endpoint_lock, endpoint_set_state, endpoint_update,
};

/// What changes (RFC 7396); what is missing stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = UpdateWebhookEndpoint)]
pub(crate) struct Update {
    /// Where verification is required, another one must be verified again.
    #[schema(max_length = 2048, nullable = false)]
    url: Option<String>,
    #[schema(min_items = 1, max_items = 50, nullable = false)]
    events: Option<Vec<String>>,
    #[schema(max_length = 500, nullable = false)]
    description: Option<String>,
    /// Merged with the present ones; `null` removes one.
    #[schema(nullable = false)]
    headers: Option<BTreeMap<String, Option<String>>>,
    /// `null` takes the bound away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1000)]
    rate_limit: Option<Option<i32>>,
    /// `null`: as many as the installation allows.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 32)]
    max_concurrency: Option<Option<i32>>,
    /// `null`: what the installation allows.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 30)]
    timeout_seconds: Option<Option<i32>>,
    /// `null`: the installation's. It holds from the next failure on.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<i32>>, max_items = 50)]
    retry_schedule: Option<Option<Vec<i32>>>,
    /// Holds also for what is on its way already.
    #[schema(nullable = false)]
    ordered: Option<bool>,
    /// `true` holds deliveries; `false` sends what was held, and enables an endpoint that was disabled.
    #[schema(nullable = false)]
    paused: Option<bool>,
}

impl Update {
    /// Whether it says anything about how deliveries are sent.
    fn is_about_sending(&self) -> bool {
        let limits = [self.rate_limit, self.max_concurrency, self.timeout_seconds];
        let flags = [self.ordered, self.paused];
        self.url.is_some()
            || self.headers.is_some()
            || self.retry_schedule.is_some()
            || limits.iter().any(Option::is_some)
            || flags.iter().any(Option::is_some)
    }
}

/// Tells `null`, which takes away, from what is missing, which stays.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// What an update comes to, before the row is known.
struct Parsed {
    url: Option<Url>,
    events: Option<Vec<String>>,
    description: Option<String>,
    headers: Option<CustomHeaders>,
    rate_limit: Option<Option<i32>>,
    max_concurrency: Option<Option<i32>>,
    timeout_seconds: Option<Option<i32>>,
    retry_seconds: Option<Option<Vec<i32>>>,
    ordered: Option<bool>,
    paused: Option<bool>,
}

/// Changes an endpoint.
#[utoipa::path(patch, path = "/api/v1/webhooks/endpoints/{endpointId}", operation_id = "updateWebhookEndpoint",
    tag = "webhooks", params(("endpointId" = EndpointId, Path)), request_body = Update,
    responses((status = 200, description = "As it is now", body = Endpoint)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<EndpointId>,
    Body(request): Body<Update>,
) -> Result<Json<Endpoint>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| endpoint_find(tx, id).await;
    let present = app.pg.tenant("endpoints.get", tenant.workspace_id, find).await?;
    let present = present.ok_or_else(Problem::not_found)?;
    if present.state() == EndpointState::Pulled && request.is_about_sending() {
        return Err(Problem::new(&codes::webhooks::ENDPOINT_PULLS));
    }
    let parsed = parse(&app, &present, request).await?;
    let change = async |tx: &mut TenantTx<'_>| apply(&app, tx, id, &parsed).await;
    let row = app.pg.tenant("endpoints.update", tenant.workspace_id, change).await?;
    Ok(Json(Endpoint::of(&app, row)?))
}

async fn parse(app: &App, present: &EndpointRow, request: Update) -> Result<Parsed, Problem> {
    let mut violations = Violations::new();
    let url = match &request.url {
        Some(text) => input::url(app, &mut violations, text).await,
        None => None,
    };
    let events = request.events.as_deref().and_then(|events| input::events(&mut violations, events));
    let headers = match request.headers {
        Some(patch) => {
            let merged = merge(app, present, patch).map_err(Problem::internal)?;
            input::headers(&mut violations, merged)
        }
        None => None,
    };
    let max_concurrency =
        request.max_concurrency.map(|given| input::concurrency(app, &mut violations, given));
    let retry_seconds = request.retry_schedule.map(|given| input::retry_schedule(&mut violations, given));
    violations.finish()?;
    Ok(Parsed {
        url,
        events,
        description: request.description,
        headers,
        rate_limit: request.rate_limit,
        max_concurrency,
        timeout_seconds: request.timeout_seconds,
        retry_seconds,
        ordered: request.ordered,
        paused: request.paused,
    })
}

fn merge(
    app: &App,
    present: &EndpointRow,
    patch: BTreeMap<String, Option<String>>,
) -> Result<CustomHeaders, SealError> {
    let mut headers = app.seals.open_headers(present)?;
    for (name, value) in patch {
        // Names of headers have no case.
        headers.retain(|present, _| !present.eq_ignore_ascii_case(&name));
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

async fn apply(
    app: &App,
    tx: &mut TenantTx<'_>,
    id: EndpointId,
    parsed: &Parsed,
) -> Result<EndpointRow, PgError> {
    let (workspace, now) = (tx.workspace_id(), app.clock.now());
    let present = endpoint_lock(tx, id).await?.ok_or(PgError::NotFound)?;
    // Whoever is at another URL has agreed to nothing.
    let moved = parsed.url.is_some();
    let verified = present.verified_at.is_some() && !moved;
    let enabled = present.verification().enabled(verified);
    let state = match parsed.paused {
        Some(true) => EndpointState::Paused,
        Some(false) => enabled,
        None if present.state() == EndpointState::Enabled => enabled,
        None => present.state(),
    };
    if state != present.state() {
        endpoint_set_state(tx, id, state, None, now).await?;
        if state == EndpointState::Enabled {
            let released = delivery_release(tx, id, now).await?;
            enqueue(tx.pipeline(), &app.clock, &released).await?;
        }
    }
    let change = EndpointChange {
        url_sealed: parsed.url.as_ref().map(|url| app.seals.seal_url(workspace, id, url)),
        description: parsed.description.clone(),
        events: parsed.events.clone(),
        headers_sealed: parsed.headers.as_ref().map(|headers| app.seals.seal_headers(workspace, id, headers)),
        rate_limit: parsed.rate_limit,
        max_concurrency: parsed.max_concurrency,
        timeout_seconds: parsed.timeout_seconds,
        retry_seconds: parsed.retry_seconds.clone(),
        ordered: parsed.ordered,
        verified_at: moved.then_some(None),
        allowed_rate: moved.then_some(None),
        updated_at: Some(now),
        ..EndpointChange::default()
    };
    endpoint_update(tx, id, &change).await
}
