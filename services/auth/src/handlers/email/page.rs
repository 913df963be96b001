use actix_web::HttpResponse;
use minijinja::context;
use serde::Deserialize;
use utoipa::IntoParams;
use witan_web::{Problem, Query, State};

use super::redeem::{SUBMIT_PATH, TITLE};
use crate::app::App;
use crate::handlers::page::html;

/// Which link was opened.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChangeLink {
    /// The token of the mailed link.
    #[param(min_length = 1, max_length = 100)]
    token: String,
}

/// Asks for a click.
///
/// The mailed link leads here. Opening it changes nothing, because mail scanners open links too: the page's button
/// posts the token, and only that redeems it.
#[utoipa::path(get, path = "/api/v1/auth/change-email", operation_id = "showEmailPage", tag = "auth",
    params(ChangeLink), responses((status = 200, description = "A page with a button", content_type = "text/html", body = String)))]
pub(crate) async fn handle(app: State<App>, Query(link): Query<ChangeLink>) -> Result<HttpResponse, Problem> {
    let values = context! { action => SUBMIT_PATH, token => link.token };
    html(&app.templates, 200, "change_email_page.html", TITLE, values)
}
