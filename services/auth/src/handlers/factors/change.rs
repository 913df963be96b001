//! What follows when a factor was added or removed.

use witan_ids::{SessionId, UserId};
use witan_pg::{PgError, SystemTx, Tx};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::method::Method;
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::session::RevocationReason;
use crate::handlers::client::Client;
use crate::handlers::sessions::ending::end_all;
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;
use crate::store::factors::{factors_of, recovery_codes_delete, recovery_codes_replace};
use crate::store::sessions::{RevokedSession, session_add_method, session_forget_methods};

/// Who changed what, from where.
pub(crate) struct Change<'a> {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) client: &'a Client,
    pub(crate) action: Action,
    pub(crate) topic: Topic,
    /// What it was done to, if there can be several.
    pub(crate) subject: Option<String>,
    pub(crate) end_others: bool,
}

/// After a factor of a kind was added in a session that has shown it. Gives recovery codes to who has none.
pub(crate) async fn added(
    tx: &mut SystemTx<'_>,
    app: &App,
    change: &Change<'_>,
    method: Method,
) -> Result<(Vec<RecoveryCode>, Vec<RevokedSession>), PgError> {
    session_add_method(tx, change.session, method.as_str()).await?;
    let mut codes = Vec::new();
    if factors_of(tx.conn(), change.user).await?.recovery_codes == 0 {
        codes = RecoveryCode::generate_set(&app.clock);
        recovery_codes_replace(tx, change.user, &codes, app.clock.now()).await?;
    }
    Ok((codes, tell(tx, app, change).await?))
}

/// After a factor was removed. Sessions forget what their user could not show again, and with the last factor the
/// codes that stood in for it go.
pub(crate) async fn removed(
    tx: &mut SystemTx<'_>,
    app: &App,
    change: &Change<'_>,
) -> Result<Vec<RevokedSession>, PgError> {
    let left = factors_of(tx.conn(), change.user).await?;
    let mut gone = Vec::new();
    if !left.totp {
        gone.push(Method::Otp);
    }
    if left.passkeys == 0 {
        gone.push(Method::Passkey);
    }
    if !left.any() {
        gone.push(Method::RecoveryCode);
        recovery_codes_delete(tx, change.user).await?;
    }
    let gone: Vec<String> = gone.into_iter().map(|method| method.as_str().to_owned()).collect();
    session_forget_methods(tx, change.user, &gone).await?;
    tell(tx, app, change).await
}

/// Tells the auditors and the owner, and ends the other sessions if that was asked for.
pub(crate) async fn tell(
    tx: &mut SystemTx<'_>,
    app: &App,
    change: &Change<'_>,
) -> Result<Vec<RevokedSession>, PgError> {
    let entry = Audit::new(change.action, change.user).by(change.client);
    let entry = match &change.subject {
        Some(subject) => entry.to(subject),
        None => entry,
    };
    record(tx, &app.clock, entry).await?;
    queue_security_notice(tx, &app.clock, change.user, change.topic, None).await?;
    if !change.end_others {
        return Ok(Vec::new());
    }
    end_all(tx, app, change.user, Some(change.session), RevocationReason::FactorChanged).await
}
