use actix_web::web::Data;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::SessionId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Json, Problem};

use crate::app::App;
use crate::store::sessions::session_revoked_list;

/// Every session whose access tokens must be refused.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RevocationList {
    data: Vec<Revocation>,
}

/// One of them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Revocation {
    /// The session.
    session_id: SessionId,
    /// When its last access token ends; after that it may be forgotten.
    until: DateTime<Utc>,
}

/// What a service loads when it starts, and after it may have missed `session.revoked`.
#[utoipa::path(get, path = "/internal/revocations", operation_id = "internalRevocations", tag = "internal",
    responses((status = 200, description = "Revoked sessions", body = RevocationList)))]
pub(crate) async fn handle(app: Data<App>) -> Result<Json<RevocationList>, Problem> {
    let now = app.clock.now();
    let list = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> { session_revoked_list(tx, now).await };
    let revoked = app.pg.tx("session.revoked", list).await?;
    let data = revoked.into_iter().map(|session| Revocation {
        session_id: session.id,
        until: session.access_expires_at,
    });
    Ok(Json(RevocationList { data: data.collect() }))
}
