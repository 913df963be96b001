use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Body, Problem, ProblemBody, State};

use super::second_factor::go_on;
use super::tokens::Tokens;
use crate::app::App;
use crate::handlers::factors::shown::Shown;

/// The recovery code that stands in for what a log-in waits for.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LoginRecoveryCode {
    /// From the answer to the first step.
    #[schema(min_length = 1, max_length = 100)]
    challenge_token: String,
    /// One that was not used, in any case, with or without dashes.
    #[schema(min_length = 16, max_length = 40, example = "ABCD-EFGH-IJKL-MNOP")]
    recovery_code: String,
}

/// Goes on with a log-in by a recovery code.
///
/// It works once; the owner of the account is told by mail.
#[utoipa::path(post, path = "/api/v1/auth/login/recovery-code", operation_id = "loginRecoveryCode", tag = "auth",
    request_body = LoginRecoveryCode, responses(
        (status = 200, description = "Logged in", body = Tokens),
        (status = 401, description = "The code is wrong, or the log-in has to begin again.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The account is not open any longer.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Body(body): Body<LoginRecoveryCode>,
) -> Result<HttpResponse, Problem> {
    let shown = Shown::recovery_code("/recoveryCode", &body.recovery_code)?;
    Box::pin(go_on(&app, &request, &body.challenge_token, shown)).await
}
