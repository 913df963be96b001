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
    pub(super) platform_admin: bool,
    pub(super) authenticated_at: DateTime<Utc>,
    pub(super) access_expires_at: DateTime<Utc>,
    pub(super) refresh_expires_at: DateTime<Utc>,
}

/// Signs both and answers with them.
pub(super) async fn answer(app: &App, grant: Grant) -> Result<HttpResponse, Problem> {
    let now = app.clock.now();
    let bearer = Bearer {
        session: grant.session,
        user: grant.user,
        default_workspace: grant.default_workspace,
        platform_admin: grant.platform_admin,
        authenticated_at: grant.authenticated_at,
        expires_at: grant.access_expires_at,
    };
    let access_token = access_token(app, &bearer).await?;
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

/// Whom an access token speaks of.
pub(super) struct Bearer {
    pub(super) session: SessionId,
    pub(super) user: UserId,
    pub(super) default_workspace: Option<WorkspaceId>,
    pub(super) platform_admin: bool,
    pub(super) authenticated_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

/// Signs an access token.
pub(super) async fn access_token(app: &App, bearer: &Bearer) -> Result<String, Problem> {
    app.keys.sign(&claims(app, bearer)).await.map_err(Problem::internal)
}

fn claims(app: &App, bearer: &Bearer) -> Claims {
    let now = app.clock.now();
    Claims {
        iss: app.issuer.to_string(),
        sub: bearer.user,
        aud: AUDIENCES.map(str::to_owned).to_vec(),
        exp: bearer.expires_at.timestamp(),
        iat: now.timestamp(),
        nbf: now.timestamp(),
        jti: app.clock.uuid_v7().to_string(),
        sid: bearer.session,
        wid: bearer.default_workspace,
        auth_time: bearer.authenticated_at.timestamp(),
        amr: Vec::new(),
        adm: bearer.platform_admin,
    }
}
