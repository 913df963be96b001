//! Where browsers go once they are logged in.

use actix_web::HttpResponse;
use actix_web::body::MessageBody as _;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use serde_json::Value;
use url::form_urlencoded::Serializer;
use witan_web::Problem;

use crate::app::App;
use crate::domain::return_to::ReturnTo;

/// Turns the answer to a log-in with cookies into a way on: to the product, or to the path in it that was asked for.
///
/// Of an answer that asks for more, such as a second factor, the page finds the fields in the fragment, which browsers send
/// to nobody.
pub(super) fn land(
    app: &App,
    entered: HttpResponse,
    return_to: Option<&ReturnTo>,
) -> Result<HttpResponse, Problem> {
    let mut location = match return_to {
        Some(path) => path.under(&app.config.landing),
        None => app.config.landing.clone(),
    };
    let mut response = HttpResponse::SeeOther();
    for cookie in entered.cookies() {
        response.cookie(cookie.into_owned());
    }
    if entered.status() != StatusCode::OK {
        let body = entered.into_body().try_into_bytes().unwrap_or_default();
        location.set_fragment(Some(&fragment(&body)));
    }
    Ok(response
        .insert_header((LOCATION, location.as_str()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish())
}

/// The texts of a JSON object, as a form.
fn fragment(body: &[u8]) -> String {
    let mut form = Serializer::new(String::new());
    if let Ok(Value::Object(fields)) = serde_json::from_slice(body) {
        for (name, value) in fields {
            match value {
                Value::String(text) => form.append_pair(&name, &text),
                other => form.append_pair(&name, &other.to_string()),
            };
        }
    }
    form.finish()
}
