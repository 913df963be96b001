use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde::Serialize;
use utoipa::ToSchema;

use super::jwks::CACHING;
use witan_web::State;

use crate::app::App;

/// The part of OpenID Connect Discovery 1.0 §3 that verifiers of our access tokens read. There is no authorization
/// endpoint, so none is named. Members are spelled as the specification has them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Discovery {
    /// `iss` of every token.
    #[schema(example = "https://witan.example")]
    issuer: String,
    /// Where the keys are.
    #[schema(example = "https://witan.example/.well-known/jwks.json")]
    jwks_uri: String,
    /// How tokens are signed.
    id_token_signing_alg_values_supported: [&'static str; 1],
    /// One `sub` for all audiences.
    subject_types_supported: [&'static str; 1],
    /// None: tokens are not obtained by redirection.
    response_types_supported: [&'static str; 0],
    /// What access tokens say.
    claims_supported: [&'static str; 9],
}

/// Says where the keys are, for verifiers that know only the issuer.
#[utoipa::path(get, path = "/.well-known/openid-configuration", operation_id = "getDiscovery", tag = "auth",
    responses((status = 200, description = "Discovery document", body = Discovery)))]
pub(crate) async fn handle(app: State<App>) -> HttpResponse {
    let issuer = app.issuer.to_string();
    HttpResponse::Ok().insert_header((CACHE_CONTROL, CACHING)).json(Discovery {
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        issuer,
        id_token_signing_alg_values_supported: ["RS256"],
        subject_types_supported: ["public"],
        response_types_supported: [],
        claims_supported: ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "sid", "wid"],
    })
}
