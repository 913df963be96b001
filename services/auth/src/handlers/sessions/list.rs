use actix_web::web::Data;
use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::SessionId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, Page, Paging, Problem};

use crate::app::App;
use crate::store::sessions::{SessionSummary, session_list};

/// A log-in on some device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// The session.
    id: SessionId,
    /// Whether it is the one that asks.
    current: bool,
    /// What the device said it is.
    user_agent: String,
    /// Where the log-in came from.
    ip: String,
    /// When it began.
    created_at: DateTime<Utc>,
    /// When it was last refreshed.
    last_used_at: DateTime<Utc>,
    /// When it ends, however often it is refreshed.
    expires_at: DateTime<Utc>,
}

/// Lists the caller's sessions, newest first.
#[utoipa::path(get, path = "/api/v1/auth/sessions", operation_id = "listSessions", tag = "auth",
    params(Paging), responses((status = 200, description = "Live sessions", body = Page<Session>)))]
pub(crate) async fn handle(
    app: Data<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Page<Session>, Problem> {
    let user = caller.user_id;
    let after: Option<SessionId> = app.cursors.decode(&paging, &user)?;
    let list = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        session_list(tx, user, after, paging.limit + 1, app.clock.now()).await
    };
    let rows = app.pg.tx("session.list", list).await?;
    let current = caller.session_id;
    Ok(app.cursors.page(rows, &paging, &user, |row| row.id, |row| present(row, current)))
}

fn present(row: SessionSummary, current: SessionId) -> Session {
    Session {
        id: row.id,
        current: row.id == current,
        user_agent: row.user_agent,
        ip: row.ip,
        created_at: row.created_at.trunc_subsecs(3),
        last_used_at: row.last_used_at.trunc_subsecs(3),
        expires_at: row.expires_at.trunc_subsecs(3),
    }
}
