use actix_web::HttpResponse;
use minijinja::context;
use serde::Deserialize;
use utoipa::IntoParams;
use witan_web::{Problem, Query, State};

use crate::app::App;
use crate::handlers::page::html;

pub(super) const SUBMIT_PATH: &str = "/api/v1/auth/restore-account/submit";
pub(super) const TITLE: &str = "Open your account again";

/// Which link was opened.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RestoreQuery {
    /// The token of the mailed link.
    #[param(min_length = 1, max_length = 100)]
    token: String,
}

/// Asks for a click.
///
/// The mailed link leads here. Opening it changes nothing, because mail scanners open links too.
#[utoipa::path(get, path = "/api/v1/auth/restore-account", operation_id = "showRestorePage", tag = "account",
    params(RestoreQuery),
    responses((status = 200, description = "A page with a button", content_type = "text/html", body = String)))]
pub(crate) async fn handle(
    app: State<App>,
    Query(link): Query<RestoreQuery>,
) -> Result<HttpResponse, Problem> {
    let values = context! { action => SUBMIT_PATH, token => link.token };
    html(&app.templates, 200, "restore_page.html", TITLE, values)
}
