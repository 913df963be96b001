use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::{EndpointId, ReplayId};

use crate::domain::replay::{ReplayKind, ReplayState};
use crate::store::replays::ReplayRow;

/// Deliveries of a time that are sent again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookReplay)]
pub(crate) struct Replay {
    pub(crate) id: ReplayId,
    endpoint_id: EndpointId,
    /// What it was asked to be.
    operation: ReplayKind,
    since: DateTime<Utc>,
    #[schema(required)]
    until: Option<DateTime<Utc>>,
    /// Only these; all when null.
    #[schema(required)]
    event_types: Option<Vec<String>>,
    state: ReplayState,
    /// Deliveries that were there to be sent when it began.
    total: i64,
    /// Those that have been put on their way. What was on its way without the replay is not among them.
    done: i64,
    created_at: DateTime<Utc>,
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

impl From<ReplayRow> for Replay {
    fn from(row: ReplayRow) -> Self {
        Self {
            operation: row.kind(),
            state: row.state(),
            id: row.id,
            endpoint_id: row.endpoint_id,
            since: row.since,
            until: row.until,
            event_types: row.event_types,
            total: row.total,
            done: row.done,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}
