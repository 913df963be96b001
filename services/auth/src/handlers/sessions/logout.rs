use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, NoContent, Problem, State};

use super::ending::{end, refuse_here};
use crate::app::App;
use crate::domain::session::RevocationReason;

/// Logs out.
///
/// Ends this session: its refresh token at once, its access tokens in every service within two seconds.
#[utoipa::path(post, path = "/api/v1/auth/logout", operation_id = "logout", tag = "auth",
    responses((status = 204, description = "Logged out")))]
pub(crate) async fn handle(app: State<App>, caller: Caller) -> Result<NoContent, Problem> {
    let (session, user) = (caller.session()?, caller.user_id);
    let logout = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        end(tx, &app, session, user, RevocationReason::Logout).await
    };
    let revoked = app.pg.tx("session.logout", logout).await?;
    refuse_here(&app, revoked.as_ref());
    Ok(NoContent)
}
