//! What a log-in and a refresh hand out.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_access::Claims;
use witan_ids::{SessionId, UserId, WorkspaceId};
use witan_web::Problem;

use crate::app::App;
use crate::domain::refresh_token::RefreshToken;

/// Every service a user's token is good for. Each accepts only tokens that name it (RFC 9068 §4).
const AUDIENCES: [&str; 9] =
    ["auth", "tenancy", "chat", "council", "knowledge", "workflows", "webhooks", "billing", "audit"];

/// An access token and the refresh token that prolongs it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tokens {
    /// A JWT; send it as `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    expires_in: i64,
    /// Opaque. Good for one refresh.
    refresh_token: String,
    /// When the refresh token ends.
    refresh_expires_at: DateTime<Utc>,
    /// The log-in they belong to.
    session_id: SessionId,
}

/// For whom and until when.
pub(super) struct Grant {
    pub(super) session: SessionId,
    pub(super) counter: i64,
    pub(super) user: UserId,
    pub(super) default_workspace: Option<WorkspaceId>,
    pub(super) access_expires_at: DateTime<Utc>,
    pub(super) refresh_expires_at: DateTime<Utc>,
}

/// Signs both and answers with them.
pub(super) async fn answer(app: &App, grant: Grant) -> Result<HttpResponse, Problem> {
    let now = app.clock.now();
    let access_token = app.keys.sign(&claims(app, &grant, now)).await.map_err(Problem::internal)?;
    let refresh = RefreshToken { session: grant.session, counter: grant.counter };
    let tokens = Tokens {
        access_token,
        token_type: "Bearer",
        expires_in: (grant.access_expires_at - now).num_seconds(),
        refresh_token: app.keys.seal(refresh).map_err(Problem::internal)?,
        refresh_expires_at: grant.refresh_expires_at.trunc_subsecs(3),
        session_id: grant.session,
    };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(tokens))
}

fn claims(app: &App, grant: &Grant, now: DateTime<Utc>) -> Claims {
    Claims {
        iss: app.issuer.to_string(),
        sub: grant.user,
        aud: AUDIENCES.map(str::to_owned).to_vec(),
        exp: grant.access_expires_at.timestamp(),
        iat: now.timestamp(),
        nbf: now.timestamp(),
        jti: app.clock.uuid_v7().to_string(),
        sid: grant.session,
        wid: grant.default_workspace,
        auth_time: now.timestamp(),
        amr: Vec::new(),
        adm: false,
    }
}
