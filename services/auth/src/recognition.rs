//! Whose account somebody from another provider may enter.
//!
//! Whoever was here before is known by issuer and subject, and by nothing else. Whoever was not is found by their address,
//! if the provider proved it: an account that proved it as well is linked, one that waits for its proof is theirs and loses
//! what others registered for it, and where there is none one is made.

use witan_ids::{IdentityId, UserId};
use witan_pg::{PgError, SystemTx, Tx as _};
use witan_web::{Problem, codes};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::outsider::Outsider;
use crate::events;
use crate::handlers::client::Client;
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;
use crate::store::email_tokens::email_token_delete_all;
use crate::store::identities::{identity_insert, identity_owner, identity_touch};
use crate::store::outside::outside_cutoff;
use crate::store::users::{User, user_announce, user_by_id, user_ensure, user_lock, user_open};

/// Why they may enter none.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecognitionError {
    #[error("the provider has not proved the address")]
    Unproved,
    #[error("another account of the provider opens the account")]
    Conflict,
    #[error("the token was issued before its account was unlinked")]
    Unlinked,
    #[error(transparent)]
    Store(#[from] PgError),
}

impl From<RecognitionError> for Problem {
    fn from(error: RecognitionError) -> Self {
        match error {
            RecognitionError::Unproved => Self::new(&codes::auth::IDENTITY_UNPROVED),
            RecognitionError::Conflict => Self::new(&codes::auth::IDENTITY_CONFLICT),
            RecognitionError::Unlinked => Self::new(&codes::auth::IDENTITY_TOKEN_INVALID),
            RecognitionError::Store(error) => error.into(),
        }
    }
}

/// The account, whatever its state: a closed one is found, and linked to nothing.
pub(crate) async fn recognise(
    app: &App,
    client: &Client,
    outsider: &Outsider,
) -> Result<User, RecognitionError> {
    let find = async |tx: &mut SystemTx<'_>| -> Result<User, RecognitionError> {
        if let Some(user) = known(tx, app, outsider).await? {
            return Ok(user);
        }
        let email = outsider.proved_email.as_ref().ok_or(RecognitionError::Unproved)?;
        let (now, new) = (app.clock.now(), UserId::generate(&app.clock));
        // Of many who come at once one makes the account, and the others wait for it here.
        let id = user_ensure(tx, new, email, &outsider.display_name(email), now).await?;
        let user = user_lock(tx, id).await?.ok_or(PgError::NotFound)?;
        // It may have been linked while the row was waited for.
        if let Some(user) = known(tx, app, outsider).await? {
            return Ok(user);
        }
        link(tx, app, client, outsider, email, user).await
    };
    app.pg.tx("identity.recognise", find).await
}

async fn known(tx: &mut SystemTx<'_>, app: &App, outsider: &Outsider) -> Result<Option<User>, PgError> {
    let Some(owner) = identity_owner(tx, outsider).await? else { return Ok(None) };
    identity_touch(tx, outsider, app.clock.now()).await?;
    user_by_id(tx.conn(), owner).await
}

async fn link(
    tx: &mut SystemTx<'_>,
    app: &App,
    client: &Client,
    outsider: &Outsider,
    email: &EmailAddress,
    user: User,
) -> Result<User, RecognitionError> {
    let now = app.clock.now();
    // What somebody kept from before must not undo that its owner unlinked the account.
    let cutoff = outside_cutoff(tx.conn(), &outsider.issuer, &outsider.subject).await?;
    if outsider.issued_at.zip(cutoff).is_some_and(|(issued, cutoff)| issued <= cutoff) {
        return Err(RecognitionError::Unlinked);
    }
    let user = match Account::from(user.account.clone()) {
        Account::PendingVerify => open(tx, app, client, outsider, email, &user).await?,
        Account::Active { .. } => {
            queue_security_notice(tx, &app.clock, user.id, Topic::IdentityLinked, None).await?;
            user
        }
        Account::Deactivated { .. } | Account::PendingDeletion { .. } => return Ok(user),
    };
    if !identity_insert(tx, IdentityId::generate(&app.clock), user.id, outsider, now).await? {
        return Err(RecognitionError::Conflict);
    }
    let entry = Audit::new(Action::IdentityLinked, user.id).by(client);
    record(tx, &app.clock, entry.detail("issuer", &outsider.issuer)).await?;
    Ok(user)
}

/// Opens an account without a password. The links that were mailed for it end, and so do the passwords that were
/// registered with them: whoever registered the address did not prove it.
///
/// Their rows stay their week, as after any other proof: log-in answers their passwords as before, so that nobody learns
/// from it that the address has an account now.
async fn open(
    tx: &mut SystemTx<'_>,
    app: &App,
    client: &Client,
    outsider: &Outsider,
    email: &EmailAddress,
    user: &User,
) -> Result<User, PgError> {
    let (now, name) = (app.clock.now(), outsider.display_name(email));
    let account = Account::Active { verified_at: now };
    email_token_delete_all(tx, user.id).await?;
    user_open(tx, user.id, &account, &name, now).await?;
    if user_announce(tx, user.id).await? {
        events::user_registered(tx, &app.clock, user.id, &user.email).await?;
    }
    events::user_verified(tx, &app.clock, user.id, &user.email, name.as_str()).await?;
    let entry = Audit::new(Action::VerifyEmail, user.id).by(client);
    record(tx, &app.clock, entry.detail("issuer", &outsider.issuer)).await?;
    user_by_id(tx.conn(), user.id).await?.ok_or(PgError::NotFound)
}
