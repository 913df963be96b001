use actix_web::web::Form;
use actix_web::{HttpRequest, HttpResponse};
use minijinja::context;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Problem, ProblemBody, State};

use super::redeeming::{RedeemError, redeem};
use crate::app::App;
use crate::domain::method::Method;
use crate::handlers::landing::land;
use crate::handlers::page::{check_own_page, html};
use crate::handlers::sessions::start::enter;
use crate::handlers::sessions::tokens::Carrier;

/// What the page's button sends.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SubmitMagicLink {
    /// The token of the mailed link.
    #[schema(max_length = 100)]
    token: String,
}

/// Takes the button of the page behind a mailed link.
///
/// Logs the browser in with cookies and leads it to the product; programs use `redeemMagicLink`. Only our own page may
/// send it: otherwise another site could log a browser into an account of its own.
#[utoipa::path(post, path = "/api/v1/auth/magic-link/submit", operation_id = "submitMagicLinkPage", tag = "auth",
    request_body(content = SubmitMagicLink, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Logged in; `Location` is the product"),
        (status = 403, description = "Another site's page asks, or the account is not open.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The link does not work", content_type = "text/html", body = String),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    form: Form<SubmitMagicLink>,
) -> Result<HttpResponse, Problem> {
    check_own_page(&request)?;
    let (title, message) = match redeem(&app, &form.token).await {
        Ok(user) => {
            let entered = enter(&app, &request, user, &[Method::MailedLink], Carrier::Cookies).await?;
            return land(&app, entered, None);
        }
        Err(RedeemError::Expired) => {
            ("This link is too old", "Ask for a new one and use it within ten minutes.")
        }
        Err(RedeemError::Invalid) => (
            "This link does not work",
            "It may have been used already, or a newer one was sent. Ask for a new one.",
        ),
        Err(error) => return Err(error.into()),
    };
    html(&app.templates, 422, "result_page.html", title, context! { message })
}
