use actix_web::HttpResponse;
use actix_web::web::Form;
use minijinja::context;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Problem, State};

use super::open::OpenError;
use super::restore::open_with_link;
use crate::app::App;
use crate::handlers::client::Client;
use crate::handlers::page::html;

/// What the page's button sends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubmitRestore {
    /// The token of the mailed link.
    #[schema(max_length = 100)]
    token: String,
}

/// Takes the click.
///
/// For the page behind the mailed link; programs use `restoreAccount`. Answers with a page, whatever the outcome.
#[utoipa::path(post, path = "/api/v1/auth/restore-account/submit", operation_id = "submitRestorePage", tag = "account",
    request_body(content = SubmitRestore, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The account is open", content_type = "text/html", body = String),
        (status = 422, description = "The link does not work", content_type = "text/html", body = String),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    form: Form<SubmitRestore>,
) -> Result<HttpResponse, Problem> {
    let (status, title, message) = match open_with_link(&app, &client, &form.token).await {
        Ok(_) => (200, "Your account is open", "You can log in now."),
        Err(OpenError::Expired) => {
            (422, "This link is too old", "Open the account with your address and password.")
        }
        Err(OpenError::Due) => (422, "It is too late", "The erasure of the account has begun."),
        Err(OpenError::Store(error)) => return Err(error.into()),
        Err(_) => {
            (422, "This link does not work", "It may have been used already. If you can log in, all is well.")
        }
    };
    html(&app.templates, status, "result_page.html", title, context! { message })
}
