use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::{ConversationId, PersonaId, ProjectId};
use witan_pg::TenantTx;
use witan_web::{Json, Page, Paging, Problem, Query, State, Tenant};

use super::view::Conversation;
use crate::app::App;
use crate::store::conversations::{ConversationFilter, conversation_list};

/// Which conversations.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// In the title, whatever the case.
    #[param(max_length = 100)]
    search: Option<String>,
    /// With this persona.
    persona_id: Option<PersonaId>,
    /// Of this project.
    project_id: Option<ProjectId>,
    /// Archived ones instead of the others.
    archived: Option<bool>,
}

/// One's own conversations and those that are shared, newest first.
#[utoipa::path(get, path = "/api/v1/conversations", operation_id = "listConversations", tag = "conversations",
    params(Filter, Paging), responses((status = 200, description = "A page of them", body = Page<Conversation>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<Filter>,
    paging: Paging,
) -> Result<Json<Page<Conversation>>, Problem> {
    let list = ("chat.conversations", tenant.workspace_id, tenant.user_id, &query);
    let before: Option<ConversationId> = paging.position(&app.cursors, &list)?;
    let filter = ConversationFilter {
        search: query.search.clone(),
        persona: query.persona_id,
        project: query.project_id,
        archived: query.archived.unwrap_or(false),
    };
    let read = async |tx: &mut TenantTx<'_>| {
        conversation_list(tx, tenant.user_id, &filter, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("conversations.list", tenant.workspace_id, read).await?;
    let page = Page::of(rows, paging.limit(), |last| app.cursors.encode(&list, &last.id));
    Ok(Json(page.map(Conversation::from)))
}
