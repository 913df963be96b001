use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::SessionId;
use witan_web::{Json, Problem, State};

use crate::app::App;
use crate::store::sessions::session_revoked_list;

/// A session whose access tokens must be refused.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Revocation {
    /// The session.
    session_id: SessionId,
    /// When the last of them ends by itself; after that it may be forgotten.
    access_expires_at: DateTime<Utc>,
}

/// What a service loads when it starts, and after it may have missed `session.revoked`.
#[utoipa::path(get, path = "/internal/revocations", operation_id = "internalRevocations", tag = "internal",
    responses((status = 200, description = "Revoked sessions", body = Vec<Revocation>)))]
pub(crate) async fn handle(app: State<App>) -> Result<Json<Vec<Revocation>>, Problem> {
    let now = app.clock.now();
    let revoked = app.pg.read("session.revoked", async |conn| session_revoked_list(conn, now).await).await?;
    let data = revoked
        .into_iter()
        .map(|session| Revocation { session_id: session.id, access_expires_at: session.access_expires_at });
    Ok(Json(data.collect()))
}
