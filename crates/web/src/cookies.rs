//! The cookies of browsers, and what proves that a page of ours sent them along.
//!
//! A browser sends cookies with what any page asks of us. `SameSite` keeps most of that away; what changes something
//! needs, besides, an `Origin` that we serve and the session's token in `X-CSRF-Token`, which no foreign page can read.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, ORIGIN};
use url::Url;
use witan_access::Csrf;
use witan_config::Reader;
use witan_ids::SessionId;

use crate::edge::context::RequestContext;
use crate::{Problem, codes};

/// The access token. `__Host-`: secure, of this host alone, for all of its paths (RFC 6265bis section 4.1.3.2).
pub const ACCESS: &str = "__Host-witan_access";
/// The refresh token.
pub const REFRESH: &str = "__Host-witan_refresh";
/// What a page sends back in `X-CSRF-Token`; the one cookie that scripts may read.
pub const CSRF: &str = "__Host-witan_csrf";
/// Where it sends it.
pub const CSRF_HEADER: &str = "x-csrf-token";

const SEC_FETCH_SITE: &str = "sec-fetch-site";
const PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// Whose pages may change something with cookies.
#[derive(Debug, Clone)]
pub struct Origins(std::sync::Arc<[String]>);

impl Origins {
    /// Reads `WITAN_ALLOWED_ORIGINS`; the origin of `WITAN_PUBLIC_URL` is always one.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        const NAME: &str = "WITAN_ALLOWED_ORIGINS";
        let public = r.url_or_dev("WITAN_PUBLIC_URL", PUBLIC_URL);
        let others: Vec<Url> = r.list(NAME)?;
        if others.iter().any(|url| !url.origin().is_tuple() || url.path() != "/" || url.query().is_some()) {
            return r.mistake(NAME, "must be origins such as `https://app.example.org`, separated by commas");
        }
        let all = others.iter().chain(&public).map(|url| url.origin().ascii_serialization());
        Some(Self(all.collect()))
    }

    fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }
}

/// The cookies of a log-in; each lasts as long as what is in it.
pub fn of_login(
    access: (String, Duration),
    refresh: (String, Duration),
    csrf: String,
) -> [Cookie<'static>; 3] {
    let lasts = refresh.1;
    [
        cookie(ACCESS, access.0, access.1, true),
        cookie(REFRESH, refresh.0, refresh.1, true),
        cookie(CSRF, csrf, lasts, false),
    ]
}

/// The access token's alone, for one that takes the place of another.
pub fn of_access(access: String, lasts: Duration) -> Cookie<'static> {
    cookie(ACCESS, access, lasts, true)
}

/// What takes them away again.
pub fn removed() -> [Cookie<'static>; 3] {
    [ACCESS, REFRESH, CSRF].map(|name| cookie(name, String::new(), Duration::ZERO, name != CSRF))
}

fn cookie(name: &'static str, value: String, lasts: Duration, http_only: bool) -> Cookie<'static> {
    let seconds = i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX);
    Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(http_only)
        .same_site(SameSite::Strict)
        .max_age(actix_web::cookie::time::Duration::seconds(seconds))
        .finish()
}

/// A cookie's value, if there is one. Two of a name are one too many: somebody planted one of them.
///
/// # Errors
/// When there are two.
pub fn read(request: &HttpRequest, name: &str) -> Result<Option<String>, Problem> {
    let Ok(cookies) = request.cookies() else { return Ok(None) };
    let mut values = cookies.iter().filter(|cookie| cookie.name() == name);
    let value = values.next().map(|cookie| cookie.value().to_owned());
    if values.next().is_some() {
        return Err(Problem::new(&codes::HEADER_INVALID).detail("A cookie must be there once."));
    }
    Ok(value.filter(|value| !value.is_empty()))
}

/// Whether a page of ours sent the request, where it changes something.
///
/// # Errors
/// 403 when it comes from elsewhere, or does not say where from.
pub fn check_origin(request: &HttpRequest) -> Result<(), Problem> {
    if is_safe(request.method()) {
        return Ok(());
    }
    let refused = || Problem::new(&codes::ORIGIN_REFUSED);
    let context = RequestContext::of(request).ok_or_else(refused)?;
    let origin = single(request.headers(), ORIGIN.as_str()).ok_or_else(refused)?;
    // Browsers that send it say who really asks, also where `Origin` was allowed by mistake.
    let site = request.headers().get(SEC_FETCH_SITE);
    let foreign = site.is_some_and(|site| site != "same-origin" && site != "same-site");
    if foreign || !context.origins.contains(origin) { Err(refused()) } else { Ok(()) }
}

/// Whether the request carries the session's token, where it changes something.
///
/// # Errors
/// 403 when it does not.
pub fn check_csrf(request: &HttpRequest, csrf: &Csrf, session: SessionId) -> Result<(), Problem> {
    if is_safe(request.method()) {
        return Ok(());
    }
    let token = single(request.headers(), CSRF_HEADER);
    match token.is_some_and(|token| csrf.verify(session, token)) {
        true => Ok(()),
        false => Err(Problem::new(&codes::CSRF_INVALID)),
    }
}

/// RFC 9110 section 9.2.1.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookies_of_a_login_are_of_this_host_alone_and_one_may_be_read_by_scripts() {
        let quarter = Duration::from_secs(900);
        let cookies = of_login(("a".into(), quarter), ("r".into(), quarter * 2), "c".into());
        for cookie in &cookies {
            let text = cookie.to_string();
            assert!(
                text.starts_with("__Host-") && text.contains("Secure") && text.contains("Path=/"),
                "{text}"
            );
            assert!(!text.contains("Domain") && text.contains("SameSite=Strict"), "{text}");
            assert_eq!(text.contains("HttpOnly"), cookie.name() != CSRF, "{text}");
        }
        assert!(
            cookies[0].to_string().contains("Max-Age=900") && cookies[2].to_string().contains("Max-Age=1800")
        );
        assert!(
            removed()
                .iter()
                .all(|cookie| cookie.value().is_empty() && cookie.to_string().contains("Max-Age=0"))
        );
    }
}
