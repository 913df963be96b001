use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::SessionId;
use witan_web::{Caller, Page, Paging, Problem, State};

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
    app: State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Page<Session>, Problem> {
    let current = caller.session()?;
    let (user, now, rows) = (caller.user_id, app.clock.now(), paging.rows());
    let list = ("auth.sessions", user);
    let after: Option<SessionId> = paging.position(&app.cursors, &list)?;
    let rows =
        app.pg.read("session.list", async |conn| session_list(conn, user, after, rows, now).await).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&list, &row.id));
    Ok(page.map(|row| present(row, current)))
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
