use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Body, Problem, ProblemBody, State, codes};

use super::refusal::refusal;
use super::second_factor::go_on;
use super::tokens::Tokens;
use crate::app::App;
use crate::domain::challenge::Challenge;
use crate::handlers::factors::shown::Shown;
use crate::handlers::passkeys::credential::{SignedCredential, signed};

/// The passkey that a log-in waits for.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LoginPasskey {
    /// From the answer to the first step.
    #[schema(min_length = 1, max_length = 100)]
    challenge_token: String,
    /// What the browser made of the options in that answer.
    #[schema(schema_with = signed)]
    credential: SignedCredential,
}

/// Goes on with a log-in by a passkey.
#[utoipa::path(post, path = "/api/v1/auth/login/passkey", operation_id = "loginPasskey", tag = "auth",
    request_body = LoginPasskey, responses(
        (status = 200, description = "Logged in", body = Tokens),
        (status = 401, description = "The passkey does not hold, or the log-in has to begin again.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The account is not open any longer.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Body(body): Body<LoginPasskey>,
) -> Result<HttpResponse, Problem> {
    let token = Challenge::parse(&body.challenge_token);
    let token = token.ok_or_else(|| refusal(&codes::auth::CHALLENGE_INVALID))?;
    let assertion = Box::new(body.credential.into());
    let shown = Shown::Passkey { assertion, challenge: token.for_passkey() };
    Box::pin(go_on(&app, &request, &body.challenge_token, shown)).await
}
