use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use witan_ids::{EndpointId, SecretId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Created, Problem, State, Tenant, Violations, codes};

use super::input;
use super::view::Endpoint;
use crate::app::App;
use crate::domain::mode::Mode;
use crate::domain::signature::Signature;
use crate::domain::state::EndpointState;
use crate::domain::verification::Verification;
use crate::keys::SigningKey;
use crate::store::endpoints::{EndpointRow, endpoint_count, endpoint_insert};
use crate::store::secrets::{SecretRow, secret_insert};

/// An endpoint to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CreateWebhookEndpoint)]
pub(crate) struct Create {
    /// Unless told, events are posted. With `PULL` they wait to be fetched, and nothing is said of how they are sent.
    #[schema(nullable = false)]
    mode: Option<Mode>,
    /// Where to post, unless events are fetched. HTTPS in production, and never a private address.
    #[schema(max_length = 2048, nullable = false, example = "https://partner.example/witan")]
    url: Option<String>,
    /// Patterns: `*` for everything, `prefix.*` for all below a prefix, or an event type.
    #[schema(min_items = 1, max_items = 50, example = json!(["startup.*", "agent.run.completed"]))]
    events: Vec<String>,
    /// For people.
    #[schema(max_length = 500, nullable = false)]
    description: Option<String>,
    /// Sent with every delivery, such as a key of the partner's gateway. Not shown again.
    #[schema(nullable = false)]
    headers: Option<BTreeMap<String, String>>,
    /// How deliveries are signed; it stays so. Unless told, with a shared secret.
    #[schema(nullable = false)]
    signature: Option<Signature>,
    /// Requests that begin in a second at most, over everything that is sent to it; the others come later. Unless told, no bound.
    #[schema(minimum = 1, maximum = 1000, nullable = false)]
    rate_limit: Option<i32>,
    /// Requests on their way at a time; at most as many as the installation allows each endpoint, which is also the default.
    #[schema(minimum = 1, maximum = 32, nullable = false)]
    max_concurrency: Option<i32>,
    /// For connecting, sending and reading the answer together; unless told, what the installation allows.
    #[schema(minimum = 1, maximum = 30, nullable = false)]
    timeout_seconds: Option<i32>,
    /// Seconds to wait after each failed attempt, up to a week each, ±20 %; after the last of them there is no further attempt. None at all:
    /// one attempt. Unless told, the installation's.
    #[schema(max_items = 50, nullable = false, example = json!([5, 300, 1800, 7200]))]
    retry_schedule: Option<Vec<i32>>,
    /// Events about the same thing arrive in the order in which they happened: one that fails holds up the later ones of its
    /// subject until it succeeds or is given up. Unless told, each goes by itself.
    #[schema(nullable = false)]
    ordered: Option<bool>,
    /// `REQUIRED`: the endpoint is `UNVERIFIED` and gets nothing until its receiver has agreed (`verifyWebhookEndpoint`); what
    /// happens meanwhile is held.
    #[schema(nullable = false)]
    verification: Option<Verification>,
    /// Begin paused.
    #[schema(nullable = false)]
    paused: Option<bool>,
}

/// An endpoint and, this once, its secret if it has one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CreatedWebhookEndpoint)]
pub(crate) struct CreatedEndpoint {
    #[serde(flatten)]
    endpoint: Endpoint,
    /// Verifies signatures (Standard Webhooks). Keep it: it is not shown again. `null` where `publicKey` does that.
    /// `null`, too, where nothing is sent.
    #[schema(required, example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    secret: Option<String>,
}

impl Create {
    /// What it says about how deliveries are sent.
    fn about_sending(&self) -> Vec<&'static str> {
        let said = [
            ("/url", self.url.is_some()),
            ("/headers", self.headers.is_some()),
            ("/signature", self.signature.is_some()),
            ("/rateLimit", self.rate_limit.is_some()),
            ("/maxConcurrency", self.max_concurrency.is_some()),
            ("/timeoutSeconds", self.timeout_seconds.is_some()),
            ("/retrySchedule", self.retry_schedule.is_some()),
            ("/ordered", self.ordered.is_some()),
            ("/verification", self.verification.is_some()),
            ("/paused", self.paused.is_some()),
        ];
        said.into_iter().filter(|(_, said)| *said).map(|(pointer, _)| pointer).collect()
    }
}

/// Makes an endpoint.
///
/// The URL is checked now and again at every delivery. The answer holds the signing secret, this once;
/// with `ed25519` there is none, but a public key that can be read at any time.
#[utoipa::path(post, path = "/api/v1/webhooks/endpoints", operation_id = "createWebhookEndpoint", tag = "webhooks",
    request_body = Create, responses((status = 201, description = "Made", body = CreatedEndpoint)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Body(request): Body<Create>,
) -> Result<Created<CreatedEndpoint>, Problem> {
    let key = SigningKey::generate(request.signature.unwrap_or_default(), &app.clock);
    let row = parse(&app, &tenant, request, &key).await?;
    let id = SecretId::generate(&app.clock);
    let stored = SecretRow {
        workspace_id: tenant.workspace_id,
        id,
        endpoint_id: row.id,
        sealed: app.seals.seal_key(tenant.workspace_id, id, &key),
        created_at: row.created_at,
        expires_at: None,
    };
    let insert = async |tx: &mut TenantTx<'_>| -> Result<bool, PgError> {
        if endpoint_count(tx).await? >= app.config.max_endpoints {
            return Ok(false);
        }
        endpoint_insert(tx, &row).await?;
        if row.state() != EndpointState::Pulled {
            secret_insert(tx, &stored).await?;
        }
        Ok(true)
    };
    if !app.pg.tenant("endpoints.create", tenant.workspace_id, insert).await? {
        return Err(Problem::new(&codes::webhooks::ENDPOINT_LIMIT));
    }
    let location = format!("/api/v1/webhooks/endpoints/{}", row.id);
    let secret = key.secret().filter(|_| row.state() != EndpointState::Pulled);
    let body = CreatedEndpoint { endpoint: Endpoint::of(&app, row)?, secret };
    Ok(Created { location, body })
}

async fn parse(
    app: &App,
    tenant: &Tenant,
    request: Create,
    key: &SigningKey,
) -> Result<EndpointRow, Problem> {
    let mut violations = Violations::new();
    let pulls = request.mode == Some(Mode::Pull);
    let url = url(app, &mut violations, &request, pulls).await;
    let events = input::events(&mut violations, &request.events);
    let headers = input::headers(&mut violations, request.headers.unwrap_or_default());
    let max_concurrency = input::concurrency(app, &mut violations, request.max_concurrency);
    let retry_seconds = input::retry_schedule(&mut violations, request.retry_schedule);
    let (workspace_id, id, now) = (tenant.workspace_id, EndpointId::generate(&app.clock), app.clock.now());
    let verification = request.verification.unwrap_or_default();
    let state = match request.paused {
        _ if pulls => EndpointState::Pulled,
        Some(true) => EndpointState::Paused,
        _ => verification.enabled(false),
    };
    violations.build(|| {
        Some(EndpointRow {
            workspace_id,
            id,
            url_sealed: url.map(|url| app.seals.seal_url(workspace_id, id, &url)),
            description: request.description.unwrap_or_default(),
            events: events?,
            headers_sealed: app.seals.seal_headers(workspace_id, id, &headers?),
            state: state.as_str().to_owned(),
            disabled_reason: None,
            consecutive_failures: 0,
            failing_since: None,
            breaker_until: None,
            signature: request.signature.unwrap_or_default().as_str().to_owned(),
            public_key: key.public_key(),
            rate_limit: request.rate_limit,
            max_concurrency,
            timeout_seconds: request.timeout_seconds,
            retry_seconds,
            ordered: request.ordered == Some(true),
            verification: verification.as_str().to_owned(),
            verified_at: None,
            allowed_rate: None,
            created_at: now,
            updated_at: now,
        })
    })
}

/// Where to post: said exactly when something is posted.
async fn url(app: &App, violations: &mut Violations, request: &Create, pulls: bool) -> Option<Url> {
    if pulls {
        for pointer in request.about_sending() {
            violations.push(
                pointer,
                "validation.not_applicable",
                "must be left out where events are fetched",
            );
        }
        return None;
    }
    let Some(text) = &request.url else {
        violations.push("/url", "validation.required", "must be there unless events are fetched");
        return None;
    };
    input::url(app, violations, text).await
}
