use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Body, Problem, ProblemBody, State, cookies};

use super::redeeming::redeem;
use crate::app::App;
use crate::domain::method::Method;
use crate::handlers::sessions::start::enter;
use crate::handlers::sessions::tokens::{Carrier, Tokens};

/// What the mail brought.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RedeemMagicLink {
    /// The token of the mailed link.
    #[schema(min_length = 1, max_length = 100)]
    token: String,
    /// For pages in a browser: the tokens go into cookies that scripts cannot read, and not into the answer. The request
    /// must come from an allowed origin.
    #[serde(default)]
    cookies: bool,
}

/// Logs in with a mailed link.
///
/// A token works once, for ten minutes, and only while it is the newest of its account. It proves that its owner reads
/// the mail, and no more: a second factor is asked for as after a password.
#[utoipa::path(post, path = "/api/v1/auth/magic-link/redeem", operation_id = "redeemMagicLink", tag = "auth",
    request_body = RedeemMagicLink, responses(
        (status = 200, description = "Logged in", body = Tokens),
        (status = 403, description = "The account is not open, or a page of another origin asks; the code says which.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Body(body): Body<RedeemMagicLink>,
) -> Result<HttpResponse, Problem> {
    let carrier = if body.cookies { Carrier::Cookies } else { Carrier::Body };
    if body.cookies {
        // Otherwise another site could log a browser into an account of its own.
        cookies::check_origin(&request)?;
    }
    let user = redeem(&app, &body.token).await?;
    enter(&app, &request, user, &[Method::MailedLink], carrier).await
}
