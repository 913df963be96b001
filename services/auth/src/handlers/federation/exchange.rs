use actix_web::body::MessageBody as _;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Form;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use witan_web::{Problem, ProblemBody, State, codes};

use super::refusal;
use crate::app::App;
use crate::domain::method::Method;
use crate::handlers::client::Client;
use crate::handlers::sessions::oauth::{TokenError, refuse};
use crate::handlers::sessions::start::enter;
use crate::handlers::sessions::tokens::Carrier;
use crate::oidc::TokenKind;
use crate::outside::is_called_off;
use crate::recognition::recognise;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// What is exchanged (RFC 8693 section 2.1). What it does not know is ignored, as RFC 6749 section 3.2 says.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ExchangeRequest {
    /// The grant's name.
    #[schema(nullable = false, example = "urn:ietf:params:oauth:grant-type:token-exchange")]
    grant_type: Option<String>,
    /// The token of the other issuer.
    #[schema(nullable = false, max_length = 16384)]
    subject_token: Option<String>,
    /// What it is: `…:access_token`, `…:id_token` or `…:jwt`.
    #[schema(nullable = false, example = "urn:ietf:params:oauth:token-type:access_token")]
    subject_token_type: Option<String>,
    /// `…:access_token`, if anything.
    #[schema(nullable = false)]
    requested_token_type: Option<String>,
    /// Nobody acts for somebody else here.
    #[schema(nullable = false)]
    actor_token: Option<String>,
}

/// What it is exchanged for (RFC 8693 section 2.2.1).
#[derive(Serialize, ToSchema)]
pub(crate) struct Exchanged {
    /// A JWT; send it as `Authorization: Bearer`.
    access_token: String,
    /// `urn:ietf:params:oauth:token-type:access_token`.
    issued_token_type: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: String,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    expires_in: i64,
    /// Opaque. Good for one refresh.
    refresh_token: String,
}

/// Exchanges a token of an outside issuer for tokens of ours (RFC 8693).
///
/// For products that keep their identity provider. Its users are mapped to ours by issuer and subject; one who was never
/// here needs an address that the issuer has proved.
#[utoipa::path(post, path = "/api/v1/auth/exchange", operation_id = "exchangeToken", tag = "auth",
    request_body(content = ExchangeRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Tokens (RFC 8693 section 2.2.1)", body = Exchanged),
        (status = 400, description = "No tokens (RFC 6749 section 5.2)", body = TokenError),
        (status = 503, description = "The issuer's keys cannot be had.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    form: Result<Form<ExchangeRequest>, actix_web::Error>,
) -> HttpResponse {
    let (token, kind) = match form.map(|form| read(form.into_inner())) {
        Ok(Ok(read)) => read,
        Ok(Err((error, description))) => return refuse(error, description),
        Err(_) => return refuse("invalid_request", "The form cannot be read."),
    };
    match Box::pin(exchange(&app, &request, &token, kind)).await {
        Ok(response) => complete(response),
        Err(problem) => {
            refusal::tell(&app, &Client::of(&request), &problem).await;
            translate(&problem)
        }
    }
}

fn read(form: ExchangeRequest) -> Result<(String, TokenKind), (&'static str, &'static str)> {
    if form.grant_type.as_deref() != Some(GRANT) {
        return Err(("unsupported_grant_type", "Only the exchange of tokens is granted here."));
    }
    if form.actor_token.is_some() || form.requested_token_type.is_some_and(|wanted| wanted != ACCESS_TOKEN) {
        return Err((
            "invalid_request",
            "Only access tokens are issued, and to nobody who acts for another.",
        ));
    }
    let kind = match form.subject_token_type.as_deref() {
        Some(ACCESS_TOKEN | JWT) => TokenKind::Access,
        Some(ID_TOKEN) => TokenKind::Id,
        _ => return Err(("invalid_request", "`subject_token_type` must be one that is known here.")),
    };
    let token = form.subject_token.ok_or(("invalid_request", "`subject_token` is required."))?;
    Ok((token, kind))
}

async fn exchange(
    app: &App,
    request: &HttpRequest,
    token: &str,
    kind: TokenKind,
) -> Result<HttpResponse, Problem> {
    let vouched = app.trusted_issuers.verify(token, kind).await?;
    // One that says when it was issued is worth no more here than shown in place of ours.
    if let Ok(token) = vouched.token()
        && is_called_off(app, &token).await?
    {
        return Err(Problem::new(&codes::auth::IDENTITY_TOKEN_INVALID));
    }
    let outsider = vouched.person().await?;
    let user = recognise(app, &Client::of(request), &outsider).await?;
    enter(app, request, user, &[Method::Federated], Carrier::OAuth).await
}

/// Says what the token is, which only this grant does.
fn complete(response: HttpResponse) -> HttpResponse {
    let (response, body) = response.into_parts();
    let body = body.try_into_bytes().unwrap_or_default();
    let mut tokens: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
    tokens.insert("issued_token_type".to_owned(), ACCESS_TOKEN.into());
    let text = Value::Object(tokens).to_string();
    response.set_body(actix_web::body::BoxBody::new(text))
}

/// RFC 8693 section 2.2.2: whatever is wrong with the token is a bad request.
fn translate(problem: &Problem) -> HttpResponse {
    let code = problem.code();
    match StatusCode::from_u16(code.status) {
        Ok(StatusCode::UNAUTHORIZED) => refuse("invalid_request", code.title),
        Ok(StatusCode::FORBIDDEN | StatusCode::CONFLICT) => refuse("invalid_grant", code.title),
        _ => {
            let mut response = problem.error_response();
            let headers = response.headers_mut();
            headers.insert(CACHE_CONTROL, actix_web::http::header::HeaderValue::from_static("no-store"));
            response
        }
    }
}
