use witan_ids::ConversationId;
use witan_pg::{PgError, TenantTx};
use witan_web::{NoContent, Path, Problem, State, Tenant};

use super::update::not_yours;
use crate::app::App;
use crate::store::conversations::{conversation_delete, conversation_find};

/// Deletes a conversation of one's own, with all its messages. An answer that is being made is given up.
#[utoipa::path(delete, path = "/api/v1/conversations/{conversationId}", operation_id = "deleteConversation",
    tag = "conversations", params(("conversationId" = ConversationId, Path)),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<ConversationId>,
) -> Result<NoContent, Problem> {
    let delete = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let visible = conversation_find(tx, tenant.user_id, id).await?.is_some();
        Ok((conversation_delete(tx, tenant.user_id, id).await?, visible))
    };
    match app.pg.tenant("conversations.delete", tenant.workspace_id, delete).await? {
        (true, _) => Ok(NoContent),
        (false, visible) => Err(not_yours(visible)),
    }
}
