use actix_web::HttpResponse;
use actix_web::web::Form;
use minijinja::context;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Problem, State};

use super::page::{SUBMIT_PATH, TITLE};
use super::replace::{ResetError, reset};
use crate::app::App;
use crate::handlers::client::Client;
use crate::handlers::page::html;
use crate::hashing::HashError;

/// What the page's form sends.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SubmitPassword {
    /// The token of the mailed link.
    #[schema(max_length = 100)]
    token: String,
    /// The new password.
    #[schema(max_length = 128, format = Password)]
    new_password: String,
}

/// Takes the form.
///
/// For the page behind the mailed link; programs use `resetPassword`. Answers with a page, whatever the outcome.
#[utoipa::path(post, path = "/api/v1/auth/reset-password/submit", operation_id = "submitPasswordPage", tag = "auth",
    request_body(content = SubmitPassword, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The password is set", content_type = "text/html", body = String),
        (status = 422, description = "The link does not work, or the password is too weak",
            content_type = "text/html", body = String),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    form: Form<SubmitPassword>,
) -> Result<HttpResponse, Problem> {
    let reset = reset(&app, &client, &form.token, &form.new_password).await;
    let (status, title, message) = match reset {
        Ok(()) => (200, "Your password is set", "You can log in with it now."),
        Err(ResetError::Expired) => {
            (422, "This link is too old", "Ask for a new one and use it within an hour.")
        }
        Err(ResetError::Invalid) => {
            (422, "This link does not work", "It may have been used already. Ask for a new one.")
        }
        Err(ResetError::Password(HashError::Refused(refused))) => {
            let message = format!("The password {refused}.");
            let values = context! { action => SUBMIT_PATH, token => &form.token, message };
            return html(&app.templates, 422, "password_page.html", TITLE, values);
        }
        Err(error) => return Err(error.into()),
    };
    html(&app.templates, status, "result_page.html", title, context! { message })
}
