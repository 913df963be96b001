use witan_ids::UserId;
use witan_web::{Json, Path, Problem, State};

use super::view::{AdministeredUser, load};
use crate::app::App;

/// Shows an account.
#[utoipa::path(get, path = "/api/v1/users/{userId}", operation_id = "getUser", tag = "user-administration",
    params(("userId" = UserId, Path, description = "The user")),
    responses((status = 200, description = "The account", body = AdministeredUser)))]
pub(crate) async fn handle(
    app: State<App>,
    Path(user): Path<UserId>,
) -> Result<Json<AdministeredUser>, Problem> {
    load(&app, user).await.map(Json)
}
