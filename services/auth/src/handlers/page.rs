//! Pages behind mailed links.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse};
use minijinja::Value;
use witan_web::{Problem, cookies};

use crate::templates::Templates;

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page. It holds or follows a secret, so it is not stored, framed, or named to other sites.
pub(super) fn html(
    templates: &Templates,
    status: u16,
    template: &str,
    title: &str,
    values: Value,
) -> Result<HttpResponse, Problem> {
    let page = templates.render(template, title, values).map_err(Problem::internal)?;
    let status = StatusCode::from_u16(status).map_err(Problem::internal)?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .body(page))
}

/// Whether a page of ours sent the form. Its policy keeps `Origin` as well as `Referer` to itself, so `Sec-Fetch-Site` says
/// it: no page can set that.
///
/// # Errors
/// 403 when it comes from elsewhere, or does not say where from.
pub(super) fn check_own_page(request: &HttpRequest) -> Result<(), Problem> {
    let site = request.headers().get("sec-fetch-site");
    if site.is_some_and(|site| site == "same-origin") { Ok(()) } else { cookies::check_origin(request) }
}
