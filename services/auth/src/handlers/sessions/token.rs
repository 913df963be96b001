use actix_web::web::Form;
use actix_web::{HttpRequest, HttpResponse};
use witan_web::{ProblemBody, State};

use super::oauth::{TokenError, TokenRequest, grant};
use super::tokens::OAuthTokens;
use crate::app::App;

/// Logs in or refreshes with an OAuth 2.0 form.
///
/// For clients that know nothing but the password grant. It is gone from OAuth 2.1; new ones use `login`. A user with
/// a second factor cannot log in here.
#[utoipa::path(post, path = "/api/v1/auth/token", operation_id = "createToken", tag = "auth",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Tokens (RFC 6749 section 5.1)", body = OAuthTokens),
        (status = 400, description = "No tokens (RFC 6749 section 5.2)", body = TokenError),
        (status = 503, description = "Too many are logging in at this moment.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    form: Result<Form<TokenRequest>, actix_web::Error>,
) -> HttpResponse {
    grant(&app, &request, form).await
}
