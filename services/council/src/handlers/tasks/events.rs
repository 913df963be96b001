use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};
use witan_ids::RunId;
use witan_web::sse::{Entry as _, Log as _};
use witan_web::{Json, Path, Query, Result, State, Tenant};

use crate::app::App;
use crate::runs::follow::{RunLog, follow};
use crate::store::run_events::RunEventRow;

/// What to wait for, and how long.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Since {
    /// The number of the last event that was seen.
    #[param(minimum = 0)]
    after: Option<i32>,
    /// How long to wait if there is nothing new.
    #[param(minimum = 0, maximum = 30)]
    wait_seconds: Option<u64>,
}

/// What happened in a task.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskEvents {
    /// In order; none when nothing happened while it was waited.
    events: Vec<TaskEvent>,
    /// The `after` of the next request.
    after: i32,
    /// Whether nothing will follow.
    ended: bool,
}

/// Something that happened in a task.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskEvent {
    seq: i32,
    /// Its name, as in the stream.
    #[schema(example = "member.answered")]
    event: String,
    /// What is told of it.
    #[schema(value_type = Object)]
    data: Value,
    created_at: DateTime<Utc>,
}

/// Tells what happened in a task since, and waits for something to happen if need be: the events of the stream, for those
/// who cannot hold one.
#[utoipa::path(get, path = "/api/v1/agents/tasks/{runId}/events", operation_id = "listTaskEvents", tag = "tasks",
    params(("runId" = RunId, Path, description = "The task"), Since),
    responses((status = 200, description = "The events", body = TaskEvents)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<RunId>,
    Query(since): Query<Since>,
) -> Result<Json<TaskEvents>> {
    let after = since.after.unwrap_or_default();
    let mut follower = follow(&app, tenant.workspace_id, id, after);
    let log = RunLog::new(&app, tenant.workspace_id, id);
    let (mut rows, open) = log.read(after).await?;
    if rows.is_empty() && open {
        let wait = Duration::from_secs(since.wait_seconds.unwrap_or_default());
        if let Ok(next) = timeout(wait, follower.next()).await {
            rows.extend(next?.map(|row| RunEventRow::clone(&row)));
        }
    }
    let ended = rows.last().map_or(!open, |row| row.is_last());
    let after = rows.last().map_or(after, |row| row.seq);
    Ok(Json(TaskEvents { events: rows.into_iter().map(TaskEvent::from).collect(), after, ended }))
}

impl From<RunEventRow> for TaskEvent {
    fn from(row: RunEventRow) -> Self {
        Self { seq: row.seq, event: row.event, data: row.data, created_at: row.created_at }
    }
}
