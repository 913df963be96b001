use actix_web::HttpRequest;
use witan_web::{Body, Json, Problem, ProblemBody, State};

use super::open::Opening;
use super::owner::{Owner, open_with_password};
use super::view::AccountState;
use crate::app::App;

/// Opens an account again that its owner closed.
///
/// Takes what a log-in takes, and refuses as it does; what state the account is in is told to nobody else. Nobody is
/// logged in by it.
#[utoipa::path(post, path = "/api/v1/auth/reactivate", operation_id = "reactivate", tag = "account",
    request_body = Owner, responses(
        (status = 200, description = "Open", body = AccountState),
        (status = 401, description = "The address or the password is wrong.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "An administrator closed it, or its address is not proved.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It is not deactivated.",
            body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Body(owner): Body<Owner>,
) -> Result<Json<AccountState>, Problem> {
    open_with_password(&app, &request, owner, Opening::Reactivate).await.map(Json)
}
