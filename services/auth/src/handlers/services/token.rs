use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use actix_web::web::Form;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_access::service_token;
use witan_web::State;

use crate::app::App;
use crate::domain::service_client::Refusal;
use crate::handlers::sessions::oauth::{TokenError, refuse};

/// Which internal API is asked for.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ServiceTokenRequest {
    /// `client_credentials`.
    #[schema(example = "client_credentials")]
    grant_type: Option<String>,
    /// The service whose internal API is to be asked.
    #[schema(example = "billing")]
    audience: Option<String>,
    /// The program, unless it is in `Authorization: Basic`.
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// Its secret.
    #[schema(nullable = false, format = Password)]
    client_secret: Option<String>,
}

/// A token for one internal API.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServiceToken {
    /// Send it as `Authorization: Bearer` to the service's internal port.
    access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until it ends.
    #[schema(example = 60)]
    expires_in: u64,
}

/// Gives a program a token for an internal API.
///
/// OAuth 2.0 client credentials (RFC 6749 section 4.4). Internal APIs take such tokens and nothing else; they hold for a
/// minute and one service. The programs, their secrets' digests and the services that each may ask are settings.
#[utoipa::path(post, path = "/api/v1/auth/service-token", operation_id = "createServiceToken", tag = "auth",
    request_body(content = ServiceTokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token", body = ServiceToken),
        (status = 400, description = "The request is wrong, or the program may not ask this service", body = TokenError),
        (status = 401, description = "The program is unknown or its secret is wrong", body = TokenError),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    form: Result<Form<ServiceTokenRequest>, actix_web::Error>,
) -> HttpResponse {
    let Ok(Form(form)) = form else { return refuse("invalid_request", "The form cannot be read.") };
    if form.grant_type.as_deref() != Some("client_credentials") {
        return refuse("unsupported_grant_type", "Only `client_credentials` is granted here.");
    }
    let Some(audience) = &form.audience else {
        return refuse("invalid_request", "`audience` must name a service.");
    };
    let Some((id, secret)) = credentials(&request, &form) else {
        return refuse("invalid_request", "The client's id and secret are required, once.");
    };
    match app.config.service_clients.check(&id, &secret, audience) {
        Ok(()) => answer(service_token::mint(&app.internal_key, &id, audience, &app.clock)),
        Err(refusal @ Refusal::Audience) => refuse("invalid_target", &refusal.to_string()),
        Err(refusal @ Refusal::Client) => {
            tracing::warn!(client = id.chars().take(64).collect::<String>(), "a service token was refused");
            let basic = HeaderValue::from_static("Basic realm=\"witan\"");
            let body = TokenError::new("invalid_client", &refusal.to_string());
            let mut response = HttpResponse::Unauthorized();
            response.insert_header((WWW_AUTHENTICATE, basic)).insert_header((CACHE_CONTROL, "no-store"));
            response.json(body)
        }
    }
}

fn answer(access_token: String) -> HttpResponse {
    let expires_in = service_token::LIFETIME.as_secs();
    let token = ServiceToken { access_token, token_type: "Bearer", expires_in };
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(token)
}

/// The client's id and secret: in the header or in the form, never in both (RFC 6749 section 2.3).
fn credentials(request: &HttpRequest, form: &ServiceTokenRequest) -> Option<(String, String)> {
    let in_form = form.client_id.clone().zip(form.client_secret.clone());
    match (request.headers().get(AUTHORIZATION), in_form) {
        (Some(header), None) => basic(header),
        (None, in_form) => in_form,
        (Some(_), Some(_)) => None,
    }
}

fn basic(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}
