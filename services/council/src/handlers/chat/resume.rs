use witan_pg::TenantTx;
use witan_web::{HttpRequest, HttpResponse, NoContent, Path, Responder as _, Result, State, Tenant};

use crate::ai_sdk::message;
use crate::app::App;
use crate::store::runs::run_of_chat;

/// Follows the answer that is being written in one of one's own chats, from its beginning.
///
/// This is what the AI SDK's `DefaultChatTransport` asks for with `resume`. 204 when no answer is being written.
#[utoipa::path(get, path = "/api/v1/agents/chat/{chatId}/stream", operation_id = "resumeChat", tag = "agents",
    params(("chatId" = String, Path, description = "What the front end calls the chat", max_length = 200)),
    responses((status = 200, description = "The answer as it is written", body = String,
            content_type = "text/event-stream"),
        (status = 204, description = "No answer is being written.")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(chat): Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let find = async |tx: &mut TenantTx<'_>| run_of_chat(tx, tenant.user_id, &chat).await;
    match app.pg.tenant_read("chat.resume", tenant.workspace_id, find).await? {
        Some(id) => Ok(message::response(&app, tenant.workspace_id, id, &request)),
        None => Ok(NoContent.respond_to(&request).map_into_boxed_body()),
    }
}
