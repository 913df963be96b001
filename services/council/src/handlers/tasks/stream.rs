use serde::Deserialize;
use utoipa::IntoParams;
use witan_ids::RunId;
use witan_web::sse::Dialect;
use witan_web::{
    HttpRequest, HttpResponse, NoContent, Path, Problem, Query, Responder as _, SseEvent, State, Tenant,
    codes,
};

use super::show;
use crate::ai_sdk::message;
use crate::app::App;
use crate::runs::follow::follow;
use crate::store::run_events::RunEventRow;

/// Where to go on, and in which shape.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct From {
    /// The `id` of the last event that was seen; the header `Last-Event-ID` says the same and counts first.
    #[param(minimum = 0)]
    after: Option<i32>,
    /// `ai-sdk`: as a UI message stream of the AI SDK.
    #[param(inline)]
    format: Option<Format>,
}

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    AiSdk,
}

/// Follows a task: what happened so far, then what happens.
///
/// Events: `run.started`, `run.resumed`, `run.stage`, `member.started`, `member.delta`, `member.answered`, `member.failed`,
/// `review.started`, `review.finished`, `review.failed`, `scores`, `chair.started`, `chair.delta`, `chair.finished`,
/// `chair.failed`, `heartbeat`; then `done` with the run, or `error` with the reason and the run. A `started` for the second
/// time begins a text anew. After five minutes the stream ends with `timeout`; the task does not. 204 when it has ended and
/// its last event was seen.
#[utoipa::path(get, path = "/api/v1/agents/stream/{runId}", operation_id = "followTask", tag = "tasks",
    params(("runId" = RunId, Path, description = "The task"), From,
        ("Last-Event-ID" = Option<String>, Header, description = "As `after`")),
    responses((status = 200, description = "The events", body = String, content_type = "text/event-stream"),
        (status = 204, description = "Nothing will follow")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<RunId>,
    Query(from): Query<From>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let after = position(&request, from.after)?;
    let task = show::find(&app, tenant.workspace_id, id).await?;
    if task.is_over(after) {
        return Ok(NoContent.respond_to(&request).map_into_boxed_body());
    }
    if from.format == Some(Format::AiSdk) {
        return Ok(message::response(&app, tenant.workspace_id, id, &request));
    }
    let log = follow(&app, tenant.workspace_id, id, after);
    Ok(log.respond(&app.lifecycle, &request, Dialect::Own, |row| vec![event(row)]))
}

fn event(row: &RunEventRow) -> SseEvent {
    SseEvent::new(row.event.clone(), &row.data).id(row.seq.to_string())
}

fn position(request: &HttpRequest, after: Option<i32>) -> Result<i32, Problem> {
    let header = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
    let after = match header.filter(|text| !text.is_empty()) {
        Some(text) => text.parse::<i32>().ok().filter(|after| *after >= 0).ok_or_else(|| {
            Problem::new(&codes::HEADER_INVALID).violation(
                "Last-Event-ID",
                "validation.invalid",
                "must be the id of an event".to_owned(),
            )
        })?,
        None => after.unwrap_or_default(),
    };
    Ok(after)
}
