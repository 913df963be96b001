use witan_ids::UserId;
use witan_web::{HttpResponse, Path, Problem, State, disclosed};

use crate::app::App;
use crate::disclosure::Disclosure;

/// All that is held of a person here, a line each: for their export.
#[utoipa::path(get, path = "/internal/users/{userId}/held", operation_id = "listHeld", tag = "internal",
    params(("userId" = UserId, Path, description = "The person")),
    responses((status = 200, description = "What is held of them", body = Vec<u8>,
        content_type = "application/x-ndjson")))]
pub(crate) async fn handle(app: State<App>, Path(user): Path<UserId>) -> Result<HttpResponse, Problem> {
    disclosed(Disclosure(app.get_ref().clone()), user).await
}
