use witan_ids::{ConversationId, MessageId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Page, Paging, Path, Problem, State, Tenant};

use super::view::Message;
use crate::app::App;
use crate::store::conversations::conversation_find;
use crate::store::messages::message_list;

/// The messages of a conversation, newest first.
#[utoipa::path(get, path = "/api/v1/conversations/{conversationId}/messages", operation_id = "listMessages",
    tag = "conversations", params(("conversationId" = ConversationId, Path), Paging),
    responses((status = 200, description = "A page of them", body = Page<Message>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<ConversationId>,
    paging: Paging,
) -> Result<Json<Page<Message>>, Problem> {
    let list = ("chat.messages", tenant.workspace_id, id);
    let before: Option<MessageId> = paging.position(&app.cursors, &list)?;
    let read = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        conversation_find(tx, tenant.user_id, id).await?.ok_or(PgError::NotFound)?;
        message_list(tx, id, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("messages.list", tenant.workspace_id, read).await?;
    let page = Page::of(rows, paging.limit(), |last| app.cursors.encode(&list, &last.id));
    Ok(Json(page.map(Message::from)))
}
