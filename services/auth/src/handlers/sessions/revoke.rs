use witan_ids::SessionId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, NoContent, Path, Problem, State};

use super::ending::{end, refuse_here};
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::session::RevocationReason;
use crate::handlers::client::Client;

/// Ends one of the caller's sessions.
///
/// Somebody else's session, and one that has ended, are as absent as one that never was.
#[utoipa::path(delete, path = "/api/v1/auth/sessions/{sessionId}", operation_id = "revokeSession", tag = "auth",
    params(("sessionId" = SessionId, Path, description = "The session")),
    responses((status = 204, description = "Ended")))]
pub(crate) async fn handle(
    app: State<App>,
    client: Client,
    caller: Caller,
    Path(session): Path<SessionId>,
) -> Result<NoContent, Problem> {
    let user = caller.user_id;
    let revoke = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        let revoked = end(tx, &app, session, user, RevocationReason::UserRevoked).await?;
        if revoked.is_some() {
            let entry = Audit::new(Action::SessionRevoked, user).to(session).by(&client);
            record(tx, &app.clock, entry).await?;
        }
        Ok(revoked)
    };
    let revoked = app.pg.tx("session.revoke", revoke).await?;
    if revoked.is_none() {
        return Err(Problem::not_found());
    }
    refuse_here(&app, &revoked);
    Ok(NoContent)
}
