use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::ConversationId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Path, Problem, State, Tenant, codes};

use super::view::Conversation;
use crate::app::App;
use crate::domain::state::Visibility;
use crate::store::conversations::{ConversationChange, conversation_find, conversation_update};

/// What changes (RFC 7396); what is missing stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateConversation {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    title: Option<String>,
    #[schema(nullable = false)]
    visibility: Option<Visibility>,
    /// `true` takes it out of the list, `false` puts it back.
    #[schema(nullable = false)]
    archived: Option<bool>,
}

/// Changes a conversation of one's own: title, who may see it, archived or not.
#[utoipa::path(patch, path = "/api/v1/conversations/{conversationId}", operation_id = "updateConversation",
    tag = "conversations", params(("conversationId" = ConversationId, Path)), request_body = UpdateConversation,
    responses((status = 200, description = "As it is now", body = Conversation)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<ConversationId>,
    Body(request): Body<UpdateConversation>,
) -> Result<Json<Conversation>, Problem> {
    let now = app.clock.now();
    let change = ConversationChange {
        title: request.title,
        visibility: request.visibility.map(|visibility| visibility.as_str().to_owned()),
        archived_at: request.archived.map(|archived| archived.then_some(now)),
        updated_at: Some(now),
    };
    let update = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let updated = conversation_update(tx, tenant.user_id, id, &change).await?;
        let visible = updated.is_some() || conversation_find(tx, tenant.user_id, id).await?.is_some();
        Ok((updated, visible))
    };
    match app.pg.tenant("conversations.update", tenant.workspace_id, update).await? {
        (Some(row), _) => Ok(Json(row.into())),
        (None, visible) => Err(not_yours(visible)),
    }
}

/// 403 for what one may see, 404 for the rest.
pub(super) fn not_yours(visible: bool) -> Problem {
    match visible {
        true => Problem::new(&codes::PERMISSION_DENIED).detail("Only its owner changes a conversation."),
        false => Problem::not_found(),
    }
}
