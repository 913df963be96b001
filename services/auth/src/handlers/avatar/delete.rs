use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, NoContent, Problem, State};

use crate::app::App;
use crate::store::avatars::avatar_delete;

/// Takes the caller's picture away.
///
/// Nothing of it is kept, and its addresses lead nowhere from now on.
#[utoipa::path(delete, path = "/api/v1/users/me/avatar", operation_id = "deleteAvatar", tag = "users",
    responses((status = 204, description = "There is no picture")))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<NoContent, Problem> {
    let delete =
        async |tx: &mut SystemTx<'_>| -> Result<(), PgError> { avatar_delete(tx, caller.user_id).await };
    app.pg.tx("avatar.delete", delete).await?;
    Ok(NoContent)
}
