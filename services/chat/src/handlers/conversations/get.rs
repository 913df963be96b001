use witan_ids::ConversationId;
use witan_pg::TenantTx;
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::Conversation;
use crate::app::App;
use crate::store::conversations::{ConversationRow, conversation_find};

/// One conversation.
#[utoipa::path(get, path = "/api/v1/conversations/{conversationId}", operation_id = "getConversation",
    tag = "conversations", params(("conversationId" = ConversationId, Path)),
    responses((status = 200, description = "The conversation", body = Conversation)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<ConversationId>,
) -> Result<Json<Conversation>, Problem> {
    Ok(Json(visible(&app, &tenant, id).await?.into()))
}

/// A conversation that the caller may see; any other is not there.
pub(super) async fn visible(
    app: &App,
    tenant: &Tenant,
    id: ConversationId,
) -> Result<ConversationRow, Problem> {
    let find = async |tx: &mut TenantTx<'_>| conversation_find(tx, tenant.user_id, id).await;
    let found = app.pg.tenant_read("conversations.get", tenant.workspace_id, find).await?;
    found.ok_or_else(Problem::not_found)
}
