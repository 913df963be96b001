//! The cookie of a sign-in that was begun.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};
use witan_web::{Problem, cookies};

use crate::domain::sign_in::{LASTS, SignInSecret};

const NAME: &str = "__Host-witan_sign_in";

/// Keeps the secret in the browser. `Lax`, because the provider's page leads back to us.
pub(super) fn keep(secret: &SignInSecret) -> Cookie<'static> {
    cookie(secret.expose().to_owned(), LASTS.num_seconds())
}

/// Takes it away.
pub(super) fn removed() -> Cookie<'static> {
    cookie(String::new(), 0)
}

fn cookie(value: String, seconds: i64) -> Cookie<'static> {
    Cookie::build(NAME, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(time::Duration::seconds(seconds))
        .finish()
}

/// The secret of the browser that asks.
pub(super) fn read(request: &HttpRequest) -> Result<Option<SignInSecret>, Problem> {
    Ok(cookies::read(request, NAME)?.and_then(|text| SignInSecret::parse(&text)))
}
