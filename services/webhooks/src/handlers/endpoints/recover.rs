use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::EndpointId;
use witan_web::{Accepted, Body, Path, Problem, State, Tenant, Violations};

use crate::app::App;
use crate::delivery::replay::Wanted;
use crate::domain::replay::ReplayKind;
use crate::handlers::replays;
use crate::handlers::replays::view::Replay;

/// What to recover.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RecoverWebhookEndpoint)]
pub(crate) struct Recovered {
    /// Deliveries made at or after this time.
    #[schema(example = "2026-01-01T00:00:00Z")]
    since: DateTime<Utc>,
    /// Deliveries made before this time; up to now when missing.
    #[schema(nullable = false)]
    until: Option<DateTime<Utc>>,
}

/// Sends what an endpoint has missed: deliveries that failed, and those never sent because it was disabled.
///
/// Oldest first, behind what happens meanwhile. To ask for the same again while it is under way begins nothing new.
#[utoipa::path(post, path = "/api/v1/webhooks/endpoints/{endpointId}/recover", operation_id = "recoverWebhookEndpoint",
    tag = "webhooks", params(("endpointId" = EndpointId, Path)), request_body = Recovered,
    responses((status = 202, description = "Under way", body = Replay)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<EndpointId>,
    Body(request): Body<Recovered>,
) -> Result<Accepted<Replay>, Problem> {
    let wanted =
        Wanted { kind: ReplayKind::Recover, since: request.since, until: request.until, event_types: None };
    replays::begin(&app, &tenant, id, wanted, Violations::new()).await
}
