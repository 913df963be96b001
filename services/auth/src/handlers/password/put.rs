use witan_web::{Body, Caller, NoContent, Problem, ProblemBody, State};

use super::changing::{ChangePassword, change_password};
use crate::app::App;
use crate::handlers::client::Client;

/// Changes the caller's password.
///
/// Every other session ends; this one goes on. Links for a new password that were mailed before stop working.
#[utoipa::path(put, path = "/api/v1/users/me/password", operation_id = "putPassword", tag = "auth",
    request_body = ChangePassword, responses(
        (status = 204, description = "Changed"),
        (status = 403, description = "The old password is wrong.",
            body = ProblemBody, content_type = "application/problem+json"),
    ))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Body(body): Body<ChangePassword>,
) -> Result<NoContent, Problem> {
    change_password(&app, &client, &caller, body).await
}
