use serde::Deserialize;
use utoipa::ToSchema;
use witan_web::{Body, NoContent, Problem, State};

use super::replace::reset;
use crate::app::App;
use crate::handlers::client::Client;

/// The proof, and what is set with it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ResetPassword {
    /// The token of the mailed link.
    #[schema(min_length = 1, max_length = 100)]
    token: String,
    /// At least 8 characters and hard to guess (zxcvbn score 3 of 4).
    #[schema(min_length = 8, max_length = 128, format = Password, example = "correct horse battery staple")]
    new_password: String,
}

/// Sets a new password.
///
/// A token works once and for an hour. Every session of the account ends, and nobody is logged in by it: whoever
/// reads the mail still has to pass whatever else the account asks for.
#[utoipa::path(post, path = "/api/v1/auth/reset-password", operation_id = "resetPassword", tag = "auth",
    request_body = ResetPassword, responses((status = 204, description = "The password is set")))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    Body(body): Body<ResetPassword>,
) -> Result<NoContent, Problem> {
    reset(&app, &client, &body.token, &body.new_password).await?;
    Ok(NoContent)
}
