//! The token endpoint's forms and answers (RFC 6749 sections 4.3, 5 and 6), for clients that know nothing else.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use actix_web::web::Form;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_web::Problem;

use super::authenticate::authenticate;
use super::refresh::prolong;
use super::start::enter;
use super::tokens::Carrier;
use crate::app::App;
use crate::domain::email::EmailAddress;
use crate::domain::method::Method;

/// What a client sends. What it does not know is ignored, as section 3.2 says.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TokenRequest {
    /// `password` or `refresh_token`. Without it, `password`: some clients leave it out.
    #[schema(nullable = false, example = "password")]
    grant_type: Option<String>,
    /// The address of the account.
    #[schema(nullable = false, max_length = 254, example = "ada@example.org")]
    username: Option<String>,
    /// Its password.
    #[schema(nullable = false, max_length = 128, format = Password)]
    password: Option<String>,
    /// The newest refresh token.
    #[schema(nullable = false, max_length = 200)]
    refresh_token: Option<String>,
}

/// Why there are no tokens (RFC 6749 section 5.2).
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenError {
    /// `invalid_request`, `invalid_grant` or `unsupported_grant_type`.
    #[schema(example = "invalid_grant")]
    error: &'static str,
    /// What was wrong, for a person.
    error_description: String,
}

impl TokenError {
    /// With one of the standard's names, and a sentence.
    pub(crate) fn new(error: &'static str, description: &str) -> Self {
        Self { error, error_description: description.to_owned() }
    }
}

/// The longest password that is looked at, in characters.
const LONGEST_PASSWORD: usize = 128;

/// Answers a form.
pub(super) async fn grant(
    app: &App,
    request: &HttpRequest,
    form: Result<Form<TokenRequest>, actix_web::Error>,
) -> HttpResponse {
    let Ok(Form(form)) = form else {
        return refuse("invalid_request", "The form cannot be read.");
    };
    let granted = match form.grant_type.as_deref() {
        None | Some("password") => password(app, request, form).await,
        Some("refresh_token") => refresh(app, request, form).await,
        Some(_) => {
            return refuse("unsupported_grant_type", "Only `password` and `refresh_token` are granted here.");
        }
    };
    granted.unwrap_or_else(|refusal| refusal)
}

async fn password(
    app: &App,
    request: &HttpRequest,
    form: TokenRequest,
) -> Result<HttpResponse, HttpResponse> {
    let (Some(username), Some(password)) = (form.username, form.password) else {
        return Err(refuse("invalid_request", "`username` and `password` are required."));
    };
    let Ok(email) = EmailAddress::parse(&username) else {
        return Err(refuse("invalid_request", "`username` must be an address."));
    };
    if password.is_empty() || password.chars().count() > LONGEST_PASSWORD {
        return Err(refuse("invalid_request", "`password` must have 1 to 128 characters."));
    }
    let (user, compared) = authenticate(app, request, &email, password.into()).await.map_err(translate)?;
    let entered = enter(app, request, user, &[Method::Password], Carrier::OAuth).await;
    compared.settle().await;
    entered.map_err(translate)
}

async fn refresh(app: &App, request: &HttpRequest, form: TokenRequest) -> Result<HttpResponse, HttpResponse> {
    let Some(token) = form.refresh_token else {
        return Err(refuse("invalid_request", "`refresh_token` is required."));
    };
    prolong(app, request, &token, Carrier::OAuth).await.map_err(translate)
}

/// The problem as these clients understand it. What is no fault of the request stays what it is.
fn translate(problem: Problem) -> HttpResponse {
    let code = problem.code();
    match code.status {
        401 | 403 => refuse("invalid_grant", code.title),
        _ => {
            let mut response = problem.error_response();
            let busy = response.headers().contains_key(RETRY_AFTER);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            tracing::debug!(code = code.code, busy, "the token endpoint answers with a problem");
            response
        }
    }
}

/// A refusal as these clients understand it.
pub(crate) fn refuse(error: &'static str, description: &str) -> HttpResponse {
    let body = TokenError::new(error, description);
    HttpResponse::BadRequest().insert_header((CACHE_CONTROL, "no-store")).json(body)
}
