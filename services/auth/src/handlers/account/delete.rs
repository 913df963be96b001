use actix_web::{HttpRequest, HttpResponse};
use witan_web::{Caller, Problem, ProblemBody, State};

use super::close::Closing;
use super::owner::close_own;
use super::view::AccountState;
use crate::app::App;

/// Closes the caller's account, to be erased.
///
/// Until `deletionDueAt`, 30 days as a rule, `restoreAccount` or the mailed link takes it back and all is as it was. Then
/// every service removes what it holds of the person.
#[utoipa::path(post, path = "/api/v1/auth/delete-account", operation_id = "deleteAccount", tag = "account", responses(
    (status = 200, description = "Closed", body = AccountState),
    (status = 409, description = "A workspace would have no administrator, or the account is closed already.",
        body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    close_own(&app, &request, &caller, Closing::Delete).await
}
