use actix_web::{HttpRequest, HttpResponse};
use witan_web::{Caller, Problem, ProblemBody, State};

use super::close::Closing;
use super::owner::close_own;
use super::view::AccountState;
use crate::app::App;

/// Closes the caller's account for now.
///
/// Every session ends, here at once and in every service within two seconds, API keys with them. `reactivate`, or the
/// mailed link, opens it again.
#[utoipa::path(post, path = "/api/v1/auth/deactivate", operation_id = "deactivate", tag = "account", responses(
    (status = 200, description = "Closed", body = AccountState),
    (status = 409, description = "A workspace would have no administrator, or the account is closed already.",
        body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    close_own(&app, &request, &caller, Closing::Deactivate).await
}
