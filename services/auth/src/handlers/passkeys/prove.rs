//! Whether a passkey's signature holds.

use witan_ids::UserId;
use witan_pg::{PgError, SystemTx, Tx};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::challenge::Challenge;
use crate::domain::method::Method;
use crate::domain::webauthn::{Assertion, WebauthnError};
use crate::handlers::client::Client;
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;
use crate::store::passkeys::{passkey_by_credential, passkey_used};

/// Whether `assertion` is `user`'s answer to `challenge`, of which note is taken. The caller holds the user's row, so
/// that the counter is compared with one at a time, and commits whatever the answer is.
pub(crate) async fn prove(
    tx: &mut SystemTx<'_>,
    app: &App,
    user: UserId,
    challenge: &Challenge,
    assertion: &Assertion,
    client: &Client,
) -> Result<bool, PgError> {
    let row = passkey_by_credential(tx.conn(), &assertion.id).await?;
    let stranger = assertion.user_handle.as_deref().is_some_and(|handle| handle != user.uuid().as_bytes());
    let verified = match row.filter(|row| row.user_id == user && !stranger) {
        None => Err("it is not one of the account".to_owned()),
        Some(row) => match assertion.verify(&app.config.passkeys, challenge, &row.known()) {
            Ok(used) => Ok((row.id, used)),
            Err(error) => {
                if error == WebauthnError::Counter {
                    queue_security_notice(tx, &app.clock, user, Topic::PasskeyCopied, None).await?;
                }
                Err(error.to_string())
            }
        },
    };
    match verified {
        Ok((id, used)) => passkey_used(tx, id, used, app.clock.now()).await.map(|()| true),
        Err(reason) => {
            let entry = Audit::new(Action::SecondFactorFailed, user).failed().by(client);
            let entry = entry.detail("method", Method::Passkey.as_str()).detail("reason", reason);
            record(tx, &app.clock, entry).await.map(|()| false)
        }
    }
}
