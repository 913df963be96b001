use actix_web::HttpResponse;
use minijinja::context;
use serde::Deserialize;
use utoipa::IntoParams;
use witan_web::{Problem, Query, State};

use crate::app::App;
use crate::handlers::page::html;

const SUBMIT_PATH: &str = "/api/v1/auth/magic-link/submit";

/// Which link was opened.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MagicLink {
    /// The token of the mailed link.
    #[param(min_length = 1, max_length = 100)]
    token: String,
}

/// Asks for a click.
///
/// The mailed link leads here. Opening it logs nobody in, because mail scanners open links too: the page's button
/// posts the token, and only that redeems it.
#[utoipa::path(get, path = "/api/v1/auth/magic-link", operation_id = "showMagicLinkPage", tag = "auth",
    params(MagicLink),
    responses((status = 200, description = "A page with a button", content_type = "text/html", body = String)))]
pub(crate) async fn handle(app: State<App>, Query(link): Query<MagicLink>) -> Result<HttpResponse, Problem> {
    let values = context! { action => SUBMIT_PATH, token => link.token };
    html(&app.templates, 200, "magic_link_page.html", "Log in", values)
}
