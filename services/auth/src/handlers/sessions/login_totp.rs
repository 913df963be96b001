use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Body, Problem, ProblemBody, State};

use super::second_factor::go_on;
use super::tokens::Tokens;
use crate::app::App;
use crate::handlers::factors::shown::Shown;

/// The code that a log-in waits for.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LoginTotp {
    /// From the answer to the first step.
    #[schema(min_length = 1, max_length = 100)]
    challenge_token: String,
    /// What the authenticator app shows now.
    #[schema(min_length = 6, max_length = 16, example = "123456")]
    code: String,
}

/// Goes on with a log-in by a code of the authenticator app.
///
/// A code works once. After five wrong ones none is taken for a quarter of an hour, and for ever longer after that.
#[utoipa::path(post, path = "/api/v1/auth/login/totp", operation_id = "loginTotp", tag = "auth",
    request_body = LoginTotp, responses(
        (status = 200, description = "Logged in", body = Tokens),
        (status = 401, description = "The code is wrong, or the log-in has to begin again.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The account is not open any longer.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Body(body): Body<LoginTotp>,
) -> Result<HttpResponse, Problem> {
    let shown = Shown::totp("/code", &body.code)?;
    Box::pin(go_on(&app, &request, &body.challenge_token, shown)).await
}
