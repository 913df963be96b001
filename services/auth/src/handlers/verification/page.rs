use actix_web::HttpResponse;
use minijinja::context;
use serde::Deserialize;
use utoipa::IntoParams;
use witan_web::{Problem, Query, State};

use crate::app::App;
use crate::handlers::page::html;
use crate::handlers::verification::redeem::SUBMIT_PATH;

/// Which link was opened.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Link {
    /// The token of the mailed link.
    #[param(min_length = 1, max_length = 100)]
    token: String,
}

/// Asks for a click.
///
/// The mailed link leads here. Opening it changes nothing, because mail scanners open links too: the page's button
/// posts the token, and only that redeems it.
#[utoipa::path(get, path = "/api/v1/auth/verify-email", operation_id = "showVerificationPage", tag = "auth",
    params(Link), responses((status = 200, description = "A page with a button", content_type = "text/html", body = String)))]
pub(crate) async fn handle(app: State<App>, Query(link): Query<Link>) -> Result<HttpResponse, Problem> {
    let values = context! { action => SUBMIT_PATH, token => link.token };
    html(&app.templates, 200, "confirm_page.html", "Confirm your address", values)
}
