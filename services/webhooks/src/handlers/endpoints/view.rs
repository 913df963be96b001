use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;
use witan_ids::EndpointId;
use witan_web::Problem;

use crate::app::App;
use crate::domain::mode::Mode;
use crate::domain::signature::Signature;
use crate::domain::state::EndpointState;
use crate::domain::verification::Verification;
use crate::store::endpoints::EndpointRow;

/// A partner's endpoint.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookEndpoint)]
pub(crate) struct Endpoint {
    pub(crate) id: EndpointId,
    pub(crate) mode: Mode,
    /// Where deliveries are posted; null where they are fetched.
    #[schema(required, value_type = Option<String>, format = "uri", example = "https://partner.example/witan")]
    pub(crate) url: Option<Url>,
    /// Patterns: `*`, `prefix.*` or an event type.
    #[schema(example = json!(["startup.*", "agent.run.completed"]))]
    pub(crate) events: Vec<String>,
    pub(crate) description: String,
    pub(crate) signature: Signature,
    /// Verifies signatures where `signature` is `ed25519`; after a replacement the new one.
    #[schema(required, example = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")]
    pub(crate) public_key: Option<String>,
    /// Requests that begin in a second at most.
    #[schema(required)]
    pub(crate) rate_limit: Option<i32>,
    /// Requests on their way at a time at most.
    #[schema(required)]
    pub(crate) max_concurrency: Option<i32>,
    #[schema(required)]
    pub(crate) timeout_seconds: Option<i32>,
    /// Seconds between attempts.
    #[schema(required, example = json!([5, 300, 1800, 7200]))]
    pub(crate) retry_schedule: Option<Vec<i32>>,
    /// Whether events about the same thing arrive in their order.
    pub(crate) ordered: bool,
    pub(crate) verification: Verification,
    /// When the receiver at this URL agreed to be sent to.
    #[schema(required)]
    pub(crate) verified_at: Option<DateTime<Utc>>,
    /// What it allows in a minute, if it set a bound.
    #[schema(required)]
    pub(crate) allowed_rate: Option<i32>,
    /// Names of the custom headers; their values are not shown again.
    pub(crate) header_names: Vec<String>,
    pub(crate) state: EndpointState,
    /// `GONE`: it answered 410. `FAILING`: it failed for days.
    #[schema(required)]
    pub(crate) disabled_reason: Option<String>,
    /// Attempts that failed since the last success.
    pub(crate) consecutive_failures: i32,
    /// Deliveries wait until then, because it failed several times in a row.
    #[schema(required)]
    pub(crate) suspended_until: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Endpoint {
    pub(super) fn of(app: &App, row: EndpointRow) -> Result<Self, Problem> {
        let url = app.seals.open_url(&row).map_err(Problem::internal)?;
        let headers = app.seals.open_headers(&row).map_err(Problem::internal)?;
        Ok(Self {
            url,
            mode: Mode::of(row.state()),
            header_names: headers.into_keys().collect(),
            state: row.state(),
            signature: row.signature(),
            public_key: row.public_key.clone(),
            rate_limit: row.rate_limit,
            max_concurrency: row.max_concurrency,
            timeout_seconds: row.timeout_seconds,
            retry_schedule: row.retry_seconds.clone(),
            ordered: row.ordered,
            verification: row.verification(),
            verified_at: row.verified_at,
            allowed_rate: row.allowed_rate,
            suspended_until: row.health().open_until(app.clock.now()),
            id: row.id,
            events: row.events,
            description: row.description,
            disabled_reason: row.disabled_reason,
            consecutive_failures: row.consecutive_failures,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
