use witan_web::{Body, HttpRequest, HttpResponse, Result, State, Tenant};

use crate::ai_sdk::message;
use crate::ai_sdk::question::SendChat;
use crate::app::App;
use crate::runs::queue;

/// Asks the council from a chat, and follows its answer.
///
/// This is what the AI SDK's `DefaultChatTransport` sends, with `agent` in its `body`. The answer is a UI message stream
/// (version 1): the chair's words as text, everything else as `data-council-*` parts; the message's id is the run's. A client
/// that leaves does not end the run: it finds it again under the chat's id, and stops it as a task.
#[utoipa::path(post, path = "/api/v1/agents/chat", operation_id = "chatWithAgent", tag = "agents",
    request_body = SendChat, responses(
        (status = 200, description = "The answer as it is written", body = String, content_type = "text/event-stream"),
        (status = 402, description = "The plan allows no more runs in this period, or the budget none at all."),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    request: HttpRequest,
    Body(body): Body<SendChat>,
) -> Result<HttpResponse> {
    let asked = body.understood(&app, &tenant).await?;
    let id = queue(&app, asked).await?;
    Ok(message::response(&app, tenant.workspace_id, id, &request))
}
