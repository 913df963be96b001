use serde::Deserialize;
use utoipa::IntoParams;
use witan_ids::{ConversationId, StreamId};
use witan_pg::{PgError, TenantTx};
use witan_web::{
    HttpRequest, HttpResponse, NoContent, Path, Problem, Query, Responder, State, Tenant, codes,
};

use crate::app::App;
use crate::domain::position::Position;
use crate::generation::follow::follow;
use crate::handlers::streaming;
use crate::store::conversations::conversation_find;
use crate::store::messages::{message_latest_answer, message_of_stream};

/// Where to go on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct From {
    /// The `id` of the last event that was seen; the header `Last-Event-ID` says the same and counts first.
    #[param(max_length = 64)]
    after: Option<String>,
}

/// Goes on with an answer's stream, or repeats it: the one that the last event's id names, else the latest.
///
/// A finished one is replayed and ends; 204 when nothing was ever answered.
#[utoipa::path(get, path = "/api/v1/conversations/{conversationId}/stream", operation_id = "followAnswer",
    tag = "conversations", params(("conversationId" = ConversationId, Path), From,
        ("Last-Event-ID" = Option<String>, Header, description = "As `after`")),
    responses((status = 200, description = "The events", body = String, content_type = "text/event-stream"),
        (status = 204, description = "There is no answer")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<ConversationId>,
    Query(from): Query<From>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let position = position(&request, from.after.as_deref())?;
    let find = async |tx: &mut TenantTx<'_>| -> Result<Option<StreamId>, PgError> {
        conversation_find(tx, tenant.user_id, id).await?.ok_or(PgError::NotFound)?;
        let answer = match position.stream {
            Some(stream) => {
                let named =
                    message_of_stream(tx, stream).await?.filter(|answer| answer.conversation_id == id);
                Some(named.ok_or(PgError::NotFound)?)
            }
            None => message_latest_answer(tx, id).await?,
        };
        Ok(answer.and_then(|answer| answer.stream_id))
    };
    match app.pg.tenant_read("conversations.stream", tenant.workspace_id, find).await? {
        Some(stream) => {
            let follower = follow(&app, tenant.workspace_id, stream, position.seq);
            Ok(streaming::response(&app, follower, &request))
        }
        None => Ok(NoContent.respond_to(&request).map_into_boxed_body()),
    }
}

fn position(request: &HttpRequest, after: Option<&str>) -> Result<Position, Problem> {
    let header = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
    match header.filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map_err(|error| wrong(&codes::HEADER_INVALID, "Last-Event-ID", &error)),
        None => match after {
            Some(text) => text.parse().map_err(|error| wrong(&codes::QUERY_INVALID, "after", &error)),
            None => Ok(Position::BEGINNING),
        },
    }
}

fn wrong(code: &'static witan_web::Code, name: &str, error: &impl std::fmt::Display) -> Problem {
    Problem::new(code).violation(name, "validation.invalid", error.to_string())
}
