use witan_ids::UserId;
use witan_web::{Caller, Json, Path, Problem, ProblemBody, Query, State};

use super::standing::{Force, close_other};
use super::view::{AdministeredUser, load};
use crate::app::App;
use crate::handlers::account::close::Closing;
use crate::handlers::client::Client;

/// Closes an account, to be erased.
///
/// Until `deletionDueAt` an administrator takes it back with `reactivateUser`. Then every service removes what it holds of
/// the person; `getErasure` tells how far they are.
#[utoipa::path(delete, path = "/api/v1/users/{userId}", operation_id = "deleteUser", tag = "user-administration",
    params(("userId" = UserId, Path, description = "The user"), Force), responses(
        (status = 200, description = "As it is now", body = AdministeredUser),
        (status = 409, description = "The account is not in a state for it, or a workspace would have no administrator.",
            body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Path(user): Path<UserId>,
    Query(force): Query<Force>,
) -> Result<Json<AdministeredUser>, Problem> {
    close_other(&app, &client, &caller, user, (Closing::OrderDeletion, force.force)).await?;
    load(&app, user).await.map(Json)
}
