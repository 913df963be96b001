use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::EndpointId;
use witan_web::{Accepted, Body, Path, Problem, State, Tenant, Violations};

use crate::app::App;
use crate::catalogue::public_types;
use crate::delivery::replay::Wanted;
use crate::domain::replay::ReplayKind;
use crate::handlers::replays;
use crate::handlers::replays::view::Replay;

const MAX_TYPES: usize = 50;

/// What to send again.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ReplayWebhookEndpoint)]
pub(crate) struct Replayed {
    /// Deliveries made at or after this time.
    #[schema(example = "2026-01-01T00:00:00Z")]
    since: DateTime<Utc>,
    /// Deliveries made before this time; up to now when missing.
    #[schema(nullable = false)]
    until: Option<DateTime<Utc>>,
    /// Only these types; all when missing.
    #[schema(nullable = false, min_items = 1, max_items = 50)]
    event_types: Option<Vec<String>>,
}

/// Sends an endpoint's deliveries of a time again, those that arrived and those that did not, oldest first.
///
/// What is on its way or held is left alone: it arrives without that. It takes its time: what happens meanwhile goes ahead of
/// it. To ask for the same again while it is under way begins nothing new.
#[utoipa::path(post, path = "/api/v1/webhooks/endpoints/{endpointId}/replay", operation_id = "replayWebhookEndpoint",
    tag = "webhooks", params(("endpointId" = EndpointId, Path)), request_body = Replayed,
    responses((status = 202, description = "Under way", body = Replay)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<EndpointId>,
    Body(request): Body<Replayed>,
) -> Result<Accepted<Replay>, Problem> {
    let mut violations = Violations::new();
    let event_types = request.event_types.map(|types| known(&mut violations, types));
    let wanted = Wanted { kind: ReplayKind::Replay, since: request.since, until: request.until, event_types };
    replays::begin(&app, &tenant, id, wanted, violations).await
}

/// Types that exist, without repetition.
fn known(violations: &mut Violations, mut types: Vec<String>) -> Vec<String> {
    if types.is_empty() || types.len() > MAX_TYPES {
        violations.push("/eventTypes", "validation.size", format!("must have 1 to {MAX_TYPES} types"));
    }
    for (at, name) in types.iter().enumerate() {
        if !public_types().contains(&name.as_str()) {
            let detail = "there is no event of this type; see /api/v1/webhooks/event-types";
            violations.push(format!("/eventTypes/{at}"), "validation.unknown", detail);
        }
    }
    types.sort();
    types.dedup();
    types
}
