//! Ending sessions before their time.

use witan_ids::{SessionId, UserId};
use witan_pg::{PgError, Tx};

use crate::app::App;
use crate::domain::session::RevocationReason;
use crate::events;
use crate::store::outside::{outside_call_off, outside_call_off_all};
use crate::store::sessions::{RevokedSession, session_revoke, session_revoke_all};

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

/// The same for every live session of `user` but `except`. Tokens of other issuers that were made until now open no new
/// one.
pub(crate) async fn end_all(
    tx: &mut impl Tx,
    app: &App,
    user: UserId,
    except: Option<SessionId>,
    reason: RevocationReason,
) -> Result<Vec<RevokedSession>, PgError> {
    let now = app.clock.now();
    outside_call_off_all(tx, user, now).await?;
    let revoked = session_revoke_all(tx, user, except, reason, now).await?;
    for session in &revoked {
        events::session_revoked(tx, &app.clock, session, reason).await?;
    }
    Ok(revoked)
}

/// The same for the sessions that stand on one of the user's accounts elsewhere.
pub(crate) async fn end_identity(
    tx: &mut impl Tx,
    app: &App,
    user: UserId,
    identity: (&str, &str),
) -> Result<Vec<RevokedSession>, PgError> {
    let revoked = outside_call_off(tx, user, identity, app.clock.now()).await?;
    for session in &revoked {
        events::session_revoked(tx, &app.clock, session, RevocationReason::IdentityRemoved).await?;
    }
    Ok(revoked)
}

/// Makes this process refuse the sessions' access tokens at once; the others learn it from the events.
pub(crate) fn refuse_here<'a>(app: &App, revoked: impl IntoIterator<Item = &'a RevokedSession>) {
    for session in revoked {
        app.revocations.revoke(session.id, session.access_expires_at);
    }
}
