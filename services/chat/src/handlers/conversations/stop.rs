use witan_ids::{ConversationId, StreamId};
use witan_pg::{PgError, TenantTx};
use witan_web::{NoContent, Path, Problem, State, Tenant, codes};

use crate::app::App;
use crate::domain::state::MessageState;
use crate::store::conversations::conversation_find;
use crate::store::live_streams::live_stream_request_stop;
use crate::store::messages::message_latest_answer;

/// Stops the answer that is being made. What has come is kept, and the stream ends with `done` and the state
/// `STOPPED`: at once when this replica makes it, within a second otherwise.
#[utoipa::path(post, path = "/api/v1/conversations/{conversationId}/stop", operation_id = "stopAnswer",
    tag = "conversations", params(("conversationId" = ConversationId, Path)),
    responses((status = 204, description = "It will stop")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<ConversationId>,
) -> Result<NoContent, Problem> {
    let ask = async |tx: &mut TenantTx<'_>| -> Result<Option<StreamId>, PgError> {
        conversation_find(tx, tenant.user_id, id).await?.ok_or(PgError::NotFound)?;
        let answer = message_latest_answer(tx, id).await?;
        let streaming = answer.filter(|answer| answer.state() == MessageState::Streaming);
        let Some(stream) = streaming.and_then(|answer| answer.stream_id) else { return Ok(None) };
        Ok(live_stream_request_stop(tx, stream).await?.then_some(stream))
    };
    let asked = app.pg.tenant("conversations.stop", tenant.workspace_id, ask).await?;
    let stream = asked.ok_or_else(|| Problem::new(&codes::chat::NOT_ANSWERING))?;
    if let Some(live) = app.live.find(stream) {
        live.stop.cancel();
    }
    Ok(NoContent)
}
