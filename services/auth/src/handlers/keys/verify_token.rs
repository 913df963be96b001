use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_access::{AccessError, OutsideTokenVerdict, Principal, claimed_issuer};
use witan_ids::{SessionId, UserId, WorkspaceId};
use witan_web::{Body, Json, Problem, State};

use crate::app::App;
use crate::outside::judge;

/// A token that somebody was shown.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct VerifyToken {
    /// An access token of ours, or of an issuer that is trusted.
    #[schema(min_length = 1, max_length = 16384)]
    token: String,
}

/// What the token says, if it holds.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenVerdict {
    /// Whether it holds: signed by us or an issuer that is trusted, not too early, not too late, and its session has not ended.
    active: bool,
    /// The rest, only of one that holds.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<ActiveToken>,
}

/// A token that holds.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActiveToken {
    /// Who issued it.
    #[schema(example = "https://api.witan.example")]
    issuer: String,
    /// Whose it is.
    user_id: UserId,
    /// The log-in that it belongs to.
    session_id: Option<SessionId>,
    /// The workspace that is meant where a request selects none.
    default_workspace_id: Option<WorkspaceId>,
    /// How its user proved who they are (`amr`, RFC 8176).
    #[schema(example = json!(["pwd"]))]
    methods: Vec<String>,
    /// When they did.
    authenticated_at: DateTime<Utc>,
    /// When it ends.
    expires_at: DateTime<Utc>,
}

/// Says whether an access token holds, and for whom.
///
/// For those who cannot verify signatures themselves. Whatever does not hold is `"active": false`, and nothing says why, as
/// in RFC 7662 section 2.2: whoever holds a token may ask.
#[utoipa::path(post, path = "/api/v1/auth/verify-token", operation_id = "verifyToken", tag = "auth",
    request_body = VerifyToken, responses((status = 200, description = "The verdict", body = TokenVerdict)))]
pub(crate) async fn handle(
    app: State<App>,
    Body(request): Body<VerifyToken>,
) -> Result<Json<TokenVerdict>, Problem> {
    let Some(principal) = principal(&app, &request.token).await? else {
        return Ok(Json(TokenVerdict { active: false, token: None }));
    };
    let token = ActiveToken {
        // Verified with the rest.
        issuer: claimed_issuer(&request.token).unwrap_or_default(),
        user_id: principal.user_id,
        session_id: principal.session_id(),
        default_workspace_id: principal.default_workspace,
        methods: principal.methods.clone(),
        authenticated_at: principal.authenticated_at.trunc_subsecs(3),
        expires_at: principal.expires_at,
    };
    Ok(Json(TokenVerdict { active: true, token: Some(token) }))
}

async fn principal(app: &App, token: &str) -> Result<Option<Arc<Principal>>, Problem> {
    if app.trusted_issuers.are_claimed_by(token) {
        return Ok(match Box::pin(judge(app, token)).await? {
            OutsideTokenVerdict::Accepted(record) => Some(Arc::new(record.into())),
            _ => None,
        });
    }
    match app.verifier.verify(token).await {
        Ok(principal) => Ok(Some(principal)),
        Err(AccessError::Denied(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
