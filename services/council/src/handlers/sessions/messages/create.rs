use chrono::SubsecRound as _;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::{AgentSessionId, MessageId};
use witan_pg::TenantTx;
use witan_web::{Body, Created, Path, Result, State, Tenant, Violations};

use crate::app::App;
use crate::domain::session::SessionRole;
use crate::handlers::sessions::activity::{Stopped, continued};
use crate::handlers::sessions::view::SessionMessage;
use crate::store::session_messages::{SessionMessageRow, session_message_insert};

/// Of a message, in bytes.
const MAX_CONTENT: usize = 50 * 1024;

/// Something that was said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddMessage {
    role: SessionRole,
    /// Up to 50 KB.
    #[schema(min_length = 1, max_length = 51200, example = "What is our runway?")]
    content: String,
}

/// Adds a message to a session. A question to an agent that names the session is added by itself, and so is the answer.
#[utoipa::path(post, path = "/api/v1/sessions/{sessionId}/messages", operation_id = "addSessionMessage",
    tag = "sessions", params(("sessionId" = AgentSessionId, Path, description = "The session")),
    request_body = AddMessage, responses((status = 201, description = "Added", body = SessionMessage),
        (status = 409, description = "`council.session_over`: it was ended or has expired.")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentSessionId>,
    Body(wish): Body<AddMessage>,
) -> Result<Created<SessionMessage>> {
    // Characters may take several bytes each.
    if wish.content.len() > MAX_CONTENT {
        let mut violations = Violations::new();
        let why = "must not be longer than 51,200 bytes in UTF-8";
        violations.push("/content", "validation.max_length", why);
        return Err(violations.into());
    }
    let now = app.clock.now().trunc_subsecs(3);
    let message_id = MessageId::generate(&app.clock);
    let add = async |tx: &mut TenantTx<'_>| -> std::result::Result<SessionMessageRow, Stopped> {
        let session = continued(tx, &tenant, id, now, 1).await?;
        let row = SessionMessageRow {
            workspace_id: tenant.workspace_id,
            session_id: id,
            seq: session.entries,
            id: message_id,
            role: wish.role.as_str().to_owned(),
            content: wish.content.clone(),
            run_id: None,
            created_at: now,
        };
        session_message_insert(tx, &row).await?;
        Ok(row)
    };
    let row = app.pg.tenant("session.message", tenant.workspace_id, add).await?;
    let location = format!("/api/v1/sessions/{id}/messages");
    Ok(Created { location, body: row.into() })
}
