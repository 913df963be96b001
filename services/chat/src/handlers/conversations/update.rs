use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use witan_ids::{ConversationId, ProjectId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Path, Problem, State, Tenant, codes};

use super::view::Conversation;
use crate::app::App;
use crate::domain::state::Visibility;
use crate::projects;
use crate::store::conversations::{ConversationChange, conversation_find, conversation_update};
use crate::store::projects::project_use;

/// What changes (RFC 7396): what is missing stays, and `null` takes away.
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
    /// The project that it belongs to.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<ProjectId>)]
    project_id: Option<Option<ProjectId>>,
}

/// Tells `null` from what is missing.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<ProjectId>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Changes a conversation of one's own: title, who may see it, archived or not, and its project.
#[utoipa::path(patch, path = "/api/v1/conversations/{conversationId}", operation_id = "updateConversation",
    tag = "conversations", params(("conversationId" = ConversationId, Path)), request_body = UpdateConversation,
    responses((status = 200, description = "As it is now", body = Conversation)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<ConversationId>,
    Body(request): Body<UpdateConversation>,
) -> Result<Json<Conversation>, Problem> {
    let project = request.project_id.flatten();
    projects::check(&app, tenant.workspace_id, project).await?;
    let now = app.clock.now();
    let change = ConversationChange {
        title: request.title,
        visibility: request.visibility.map(|visibility| visibility.as_str().to_owned()),
        archived_at: request.archived.map(|archived| archived.then_some(now)),
        project_id: request.project_id,
        updated_at: Some(now),
    };
    let update = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        if let Some(project) = project
            && !project_use(tx, project).await?
        {
            return Ok(None);
        }
        let updated = conversation_update(tx, tenant.user_id, id, &change).await?;
        let visible = updated.is_some() || conversation_find(tx, tenant.user_id, id).await?.is_some();
        Ok(Some((updated, visible)))
    };
    match app.pg.tenant("conversations.update", tenant.workspace_id, update).await? {
        Some((Some(row), _)) => Ok(Json(row.into())),
        Some((None, visible)) => Err(not_yours(visible)),
        None => Err(projects::unknown()),
    }
}

/// 403 for what one may see, 404 for the rest.
pub(super) fn not_yours(visible: bool) -> Problem {
    match visible {
        true => Problem::new(&codes::PERMISSION_DENIED).detail("Only its owner changes a conversation."),
        false => Problem::not_found(),
    }
}
