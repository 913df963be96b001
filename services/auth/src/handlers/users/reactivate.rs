use witan_ids::UserId;
use witan_web::{Caller, Json, Path, Problem, ProblemBody, State};

use super::standing::open_other;
use super::view::{AdministeredUser, load};
use crate::app::App;
use crate::handlers::client::Client;

/// Opens a closed account, or takes its deletion back.
///
/// Whoever closed it. After the grace of a deletion it is refused.
#[utoipa::path(post, path = "/api/v1/users/{userId}/reactivate", operation_id = "reactivateUser", tag = "user-administration",
    params(("userId" = UserId, Path, description = "The user")), responses(
        (status = 200, description = "As it is now", body = AdministeredUser),
        (status = 409, description = "The account is not in a state for it, or a workspace would have no administrator.",
            body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Path(user): Path<UserId>,
) -> Result<Json<AdministeredUser>, Problem> {
    open_other(&app, &client, &caller, user).await?;
    load(&app, user).await.map(Json)
}
