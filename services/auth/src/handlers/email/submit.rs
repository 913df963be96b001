use actix_web::HttpResponse;
use actix_web::web::Form;
use minijinja::context;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Problem, State};

use super::redeem::{RedeemError, redeem};
use crate::app::App;
use crate::handlers::client::Client;
use crate::handlers::page::html;

/// What the page's button sends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubmitEmail {
    /// The token of the mailed link.
    #[schema(max_length = 100)]
    token: String,
}

/// Takes the click.
///
/// For the page behind the mailed link; programs use `confirmEmail`. Answers with a page, whatever the outcome.
#[utoipa::path(post, path = "/api/v1/auth/change-email/submit", operation_id = "submitEmailPage", tag = "auth",
    request_body(content = SubmitEmail, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The account has the address", content_type = "text/html", body = String),
        (status = 422, description = "The link does not work", content_type = "text/html", body = String),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    form: Form<SubmitEmail>,
) -> Result<HttpResponse, Problem> {
    let (status, title, message) = match redeem(&app, &client, &form.token).await {
        Ok(_) => (200, "Your new address is confirmed", "Log in with it from now on."),
        Err(RedeemError::Expired) => {
            (422, "This link is too old", "Ask for a new one and use it within a day.")
        }
        Err(RedeemError::Invalid) => {
            (422, "This link does not work", "It may have been used already, or you asked for another one.")
        }
        Err(RedeemError::Taken) => {
            (422, "This address has an account", "Log in to that one, or choose another address.")
        }
        Err(error) => return Err(error.into()),
    };
    html(&app.templates, status, "result_page.html", title, context! { message })
}
