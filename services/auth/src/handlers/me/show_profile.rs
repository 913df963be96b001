use witan_web::{Caller, Json, Problem, State};

use super::profile::{Profile, load};
use crate::app::App;

/// Shows the caller's profile.
#[utoipa::path(get, path = "/api/v1/users/me", operation_id = "getProfile", tag = "users",
    responses((status = 200, description = "The caller's profile", body = Profile)))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<Json<Profile>, Problem> {
    load(&app, &caller).await.map(Json)
}
