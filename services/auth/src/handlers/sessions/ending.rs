//! Ending a session before its time.

use witan_ids::{SessionId, UserId};
use witan_pg::{PgError, Tx};

use crate::app::App;
use crate::domain::session::RevocationReason;
use crate::events;
use crate::store::sessions::{RevokedSession, session_revoke};

/// Revokes a live session of `user` and says so to the others; `None` when there is none.
///
/// After the commit the caller passes the answer to [`refuse_here`].
pub(super) async fn end(
    tx: &mut impl Tx,
    app: &App,
    session: SessionId,
    user: UserId,
    reason: RevocationReason,
) -> Result<Option<RevokedSession>, PgError> {
    let revoked = session_revoke(tx, session, user, reason, app.clock.now()).await?;
    if let Some(revoked) = &revoked {
        events::session_revoked(tx, &app.clock, revoked, reason).await?;
    }
    Ok(revoked)
}

/// Makes this process refuse the session's access tokens at once; the others learn it from the event.
pub(super) fn refuse_here(app: &App, revoked: Option<&RevokedSession>) {
    if let Some(revoked) = revoked {
        app.revocations.revoke(revoked.id, revoked.access_expires_at);
    }
}
