//! What a log-in and a refresh hand out.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_access::Claims;
use witan_ids::{SessionId, UserId, WorkspaceId};
use witan_web::{Problem, cookies};

use crate::app::App;
use crate::domain::refresh_token::RefreshToken;

/// Every service a user's token is good for. Each accepts only tokens that name it (RFC 9068 §4).
const AUDIENCES: [&str; 9] =
    ["auth", "tenancy", "chat", "council", "knowledge", "workflows", "webhooks", "billing", "audit"];

/// An access token and the refresh token that prolongs it; or, in cookies, what a page needs to use those.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tokens {
    /// A JWT; send it as `Authorization: Bearer`. Not there when it is in a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    access_token: Option<String>,
    /// `Bearer` or `Cookie`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    expires_in: i64,
    /// Opaque. Good for one refresh. Not there when it is in a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// With cookies: what a page sends as `X-CSRF-Token` with whatever changes something.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    csrf_token: Option<String>,
    /// When the refresh token ends.
    refresh_expires_at: DateTime<Utc>,
    /// The log-in they belong to.
    session_id: SessionId,
}

/// The same as RFC 6749 section 5.1 spells it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OAuthTokens {
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
}

/// For whom and until when.
pub(super) struct Grant {
    pub(super) session: SessionId,
    pub(super) counter: i64,
    pub(super) user: UserId,
    pub(super) default_workspace: Option<WorkspaceId>,
    pub(super) platform_admin: bool,
    pub(super) authenticated_at: DateTime<Utc>,
    /// How its user proved who they are, as `amr` names it.
    pub(super) methods: Vec<String>,
    pub(super) access_expires_at: DateTime<Utc>,
    pub(super) refresh_expires_at: DateTime<Utc>,
}

/// How tokens travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// In the answer; the client keeps them and shows them itself.
    Body,
    /// In the answer, as RFC 6749 spells it.
    OAuth,
    /// In cookies that no script can read, for pages in a browser.
    Cookies,
}

/// Signs both and answers with them.
pub(super) fn answer(app: &App, grant: Grant, carrier: Carrier) -> Result<HttpResponse, Problem> {
    let now = app.clock.now();
    let bearer = Bearer {
        session: grant.session,
        user: grant.user,
        default_workspace: grant.default_workspace,
        platform_admin: grant.platform_admin,
        authenticated_at: grant.authenticated_at,
        methods: grant.methods,
        expires_at: grant.access_expires_at,
    };
    let access_token = access_token(app, &bearer)?;
    let refresh = RefreshToken { session: grant.session, counter: grant.counter };
    let refresh_token = app.keys.seal(refresh).map_err(Problem::internal)?;
    let mut tokens = Tokens {
        access_token: None,
        token_type: "Bearer",
        expires_in: (grant.access_expires_at - now).num_seconds(),
        refresh_token: None,
        csrf_token: None,
        refresh_expires_at: grant.refresh_expires_at.trunc_subsecs(3),
        session_id: grant.session,
    };
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store"));
    match carrier {
        Carrier::Body => {
            tokens.access_token = Some(access_token);
            tokens.refresh_token = Some(refresh_token);
        }
        Carrier::OAuth => {
            let expires_in = tokens.expires_in;
            return Ok(response.json(OAuthTokens {
                access_token,
                token_type: "Bearer",
                expires_in,
                refresh_token,
            }));
        }
        Carrier::Cookies => {
            let lasts = |until: DateTime<Utc>| (until - now).to_std().unwrap_or_default();
            let access = (access_token, lasts(grant.access_expires_at));
            let refresh = (refresh_token, lasts(grant.refresh_expires_at));
            let csrf = app.csrf.token(grant.session);
            for cookie in cookies::of_login(access, refresh, csrf.clone()) {
                response.cookie(cookie);
            }
            tokens.token_type = "Cookie";
            tokens.csrf_token = Some(csrf);
        }
    }
    Ok(response.json(tokens))
}

/// Whom an access token speaks of.
pub(super) struct Bearer {
    pub(super) session: SessionId,
    pub(super) user: UserId,
    pub(super) default_workspace: Option<WorkspaceId>,
    pub(super) platform_admin: bool,
    pub(super) authenticated_at: DateTime<Utc>,
    pub(super) methods: Vec<String>,
    pub(super) expires_at: DateTime<Utc>,
}

/// Signs an access token.
pub(super) fn access_token(app: &App, bearer: &Bearer) -> Result<String, Problem> {
    app.keys.sign(&claims(app, bearer)).map_err(Problem::internal)
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
        amr: bearer.methods.clone(),
        adm: bearer.platform_admin,
    }
}
