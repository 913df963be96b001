use chrono::{DateTime, SubsecRound as _, Utc};
use witan_ids::AgentSessionId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, Result, State, Tenant, codes};

use super::view::Session;
use crate::app::App;
use crate::store::sessions::{SessionRow, session_find, session_touch};

/// Says that somebody is still there: the day until the session expires begins anew.
#[utoipa::path(post, path = "/api/v1/sessions/{sessionId}/activity", operation_id = "touchAgentSession",
    tag = "sessions", params(("sessionId" = AgentSessionId, Path, description = "The session")),
    responses((status = 200, description = "The session", body = Session),
        (status = 409, description = "`council.session_over`: it was ended or has expired.")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentSessionId>,
) -> Result<Json<Session>> {
    let now = app.clock.now().trunc_subsecs(3);
    let touch = async |tx: &mut TenantTx<'_>| continued(tx, &tenant, id, now, 0).await;
    let session = app.pg.tenant("session.touch", tenant.workspace_id, touch).await?;
    Ok(Json(Session::of(session, now)))
}

/// Why nothing happens in a session.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    #[error("there is no such session")]
    Unknown,
    #[error("the session is over")]
    Over,
    #[error(transparent)]
    Store(#[from] PgError),
}

/// The session, in which this many entries are about to be made; the last of them has the number `entries`.
pub(super) async fn continued(
    tx: &mut TenantTx<'_>,
    tenant: &Tenant,
    id: AgentSessionId,
    now: DateTime<Utc>,
    more: i32,
) -> std::result::Result<SessionRow, Stopped> {
    match session_touch(tx, tenant.user_id, id, now, more).await? {
        Some(session) => Ok(session),
        None if session_find(tx, tenant.user_id, id).await?.is_some() => Err(Stopped::Over),
        None => Err(Stopped::Unknown),
    }
}

impl From<Stopped> for Problem {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Unknown => Self::not_found(),
            Stopped::Over => Self::new(&codes::council::SESSION_OVER),
            Stopped::Store(error) => error.into(),
        }
    }
}
