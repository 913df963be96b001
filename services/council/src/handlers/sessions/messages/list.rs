use serde::Deserialize;
use utoipa::IntoParams;
use witan_ids::AgentSessionId;
use witan_pg::TenantTx;
use witan_web::{Page, Paging, Path, Query, Result, State, Tenant};

use crate::app::App;
use crate::domain::session::SessionRole;
use crate::handlers::sessions::show::find;
use crate::handlers::sessions::view::SessionMessage;
use crate::store::session_messages::session_message_list;

/// Which messages to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessagesQuery {
    /// Of this role only.
    #[param(inline)]
    role: Option<SessionRole>,
}

/// Lists what was said in a session, oldest first.
#[utoipa::path(get, path = "/api/v1/sessions/{sessionId}/messages", operation_id = "listSessionMessages",
    tag = "sessions", params(("sessionId" = AgentSessionId, Path, description = "The session"), MessagesQuery, Paging),
    responses((status = 200, description = "Messages", body = Page<SessionMessage>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentSessionId>,
    Query(query): Query<MessagesQuery>,
    paging: Paging,
) -> Result<Page<SessionMessage>> {
    let role = query.role;
    let bound = ("session.messages", tenant.workspace_id, tenant.user_id, id, role);
    let after: Option<i32> = paging.position(&app.cursors, &bound)?;
    find(&app, &tenant, id).await?;
    let list = async |tx: &mut TenantTx<'_>| {
        session_message_list(tx, id, role, after.unwrap_or_default(), paging.rows()).await
    };
    let rows = app.pg.tenant_read("session.messages", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&bound, &row.seq));
    Ok(page.map(SessionMessage::from))
}
