use actix_web::HttpRequest;
use witan_ids::PasskeyId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, NoContent, Path, Problem, Query, State};

use crate::app::App;
use crate::audit::Action;
use crate::handlers::client::Client;
use crate::handlers::factors::change::{Change, removed};
use crate::handlers::factors::totp_remove::Removal;
use crate::handlers::sessions::ending::refuse_here;
use crate::mail::Topic;
use crate::store::passkeys::passkey_delete;
use crate::store::users::user_lock;

/// Removes a passkey of the caller.
///
/// With the last second factor the recovery codes go, and no session counts as proved by one any longer: from its
/// next refresh on, at the latest when its access token ends.
#[utoipa::path(delete, path = "/api/v1/auth/passkeys/{passkeyId}", operation_id = "removePasskey", tag = "factors",
    params(("passkeyId" = PasskeyId, Path, description = "The passkey"), Removal),
    responses((status = 204, description = "Removed")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Path(id): Path<PasskeyId>,
    Query(removal): Query<Removal>,
) -> Result<NoContent, Problem> {
    let (user, client) = (caller.user_id, Client::of(&request));
    let change = Change {
        user,
        session: caller.session()?,
        client: &client,
        action: Action::PasskeyRemoved,
        topic: Topic::PasskeyRemoved,
        subject: Some(id.to_string()),
        end_others: removal.end_other_sessions,
    };
    let remove = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        user_lock(tx, user).await?;
        match passkey_delete(tx, id, user).await? {
            true => removed(tx, &app, &change).await.map(Some),
            false => Ok(None),
        }
    };
    let ended = app.pg.tx("passkey.remove", remove).await?.ok_or_else(Problem::not_found)?;
    refuse_here(&app, &ended);
    Ok(NoContent)
}
