//! Setting a password with a mailed token, for the JSON operation and for the page.

use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Problem, codes};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::mailed_token::{MailedToken, Purpose};
use crate::domain::password::{Password, PasswordError};
use crate::domain::session::RevocationReason;
use crate::events;
use crate::handlers::client::Client;
use crate::handlers::hashing::hashing_problem;
use crate::handlers::sessions::ending::{end_all, refuse_here};
use crate::hashing::HashError;
use crate::jobs::mail::queue_notice;
use crate::jobs::reset::may_reset;
use crate::lockout::Attempt;
use crate::mail::MailKind;
use crate::new_password::{NewPassword, take_password};
use crate::store::email_tokens::{email_token_delete_all, email_token_owner, email_token_redeem};
use crate::store::sessions::RevokedSession;
use crate::store::users::{User, user_activate, user_by_id, user_lock, user_set_password};

/// Why the password stays as it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResetError {
    #[error("the token is unknown, spent or superseded")]
    Invalid,
    #[error("the token is past its time")]
    Expired,
    #[error(transparent)]
    Password(#[from] HashError),
    #[error(transparent)]
    Store(#[from] PgError),
}

impl From<ResetError> for Problem {
    fn from(error: ResetError) -> Self {
        match error {
            ResetError::Invalid => Self::new(&codes::auth::RESET_TOKEN_INVALID),
            ResetError::Expired => Self::new(&codes::auth::RESET_TOKEN_EXPIRED),
            ResetError::Password(error) => hashing_problem(error, "/newPassword"),
            ResetError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for ResetError {
    fn from(error: PasswordError) -> Self {
        Self::Password(error.into())
    }
}

/// Sets the password of the account that the token was mailed to, and ends every session of it.
///
/// A password that is refused leaves the token as it was.
pub(super) async fn reset(app: &App, client: &Client, token: &str, password: &str) -> Result<(), ResetError> {
    let password = Password::parse(password)?;
    let token = MailedToken::parse(token).ok_or(ResetError::Invalid)?;
    let user = owner(app, &token).await?;
    let new = take_password(app, password, &address_key(&user), words(&user)).await?;
    let replace = async |tx: &mut SystemTx<'_>| replace(tx, app, client, &token, user.id, &new).await;
    let revoked = app.pg.tx("password.reset", replace).await?;
    refuse_here(app, &revoked);
    // Whoever reads the account's mail has shown more than the guesses that locked it.
    let account = app.devices.account(&address_key(&user));
    Attempt::new(&app.kv, account, &client.ip, None).unlock().await;
    Ok(())
}

/// What an attacker who knows the person would try first.
pub(super) fn words(user: &User) -> Vec<String> {
    let address = EmailAddress::parse(&user.email).ok();
    let local_part = address.as_ref().map(|address| address.local_part().to_owned());
    [Some(user.email.clone()), local_part, Some(user.name.clone())].into_iter().flatten().collect()
}

/// The form of the account's address that salts and counters are made of.
pub(super) fn address_key(user: &User) -> String {
    user.email.to_ascii_lowercase()
}

/// Looked up before the costly hash is made: made-up tokens are cheap to refuse.
async fn owner(app: &App, token: &MailedToken) -> Result<User, ResetError> {
    let find = async |tx: &mut SystemTx<'_>| -> Result<Option<User>, PgError> {
        let Some(owner) = email_token_owner(tx, token, Purpose::ResetPassword).await? else {
            return Ok(None);
        };
        user_by_id(witan_pg::Tx::conn(tx), owner).await
    };
    app.pg.tx("password.token-owner", find).await?.ok_or(ResetError::Invalid)
}

async fn replace(
    tx: &mut SystemTx<'_>,
    app: &App,
    client: &Client,
    token: &MailedToken,
    owner: UserId,
    new: &NewPassword,
) -> Result<Vec<RevokedSession>, ResetError> {
    let now = app.clock.now();
    // The account's row is held first, so that two links of one account take turns rather than deadlock.
    let user = user_lock(tx, owner).await?.filter(may_reset).ok_or(ResetError::Invalid)?;
    let redeemed = email_token_redeem(tx, token, Purpose::ResetPassword).await?.ok_or(ResetError::Invalid)?;
    if redeemed.expires_at <= now {
        return Err(ResetError::Expired);
    }
    match Account::from(user.account.clone()) {
        account @ Account::PendingVerify => {
            // Made by an administrator: whoever reads the mail owns the address.
            let account = account.verify(now).map_err(|_| ResetError::Invalid)?;
            user_activate(tx, user.id, &account, &user.name, &new.hash, now).await?;
            events::user_verified(tx, &app.clock, user.id, &user.email, &user.name).await?;
            record(tx, &app.clock, Audit::new(Action::VerifyEmail, user.id).by(client)).await?;
        }
        _ => user_set_password(tx, user.id, &new.hash, now).await?,
    }
    email_token_delete_all(tx, user.id).await?;
    queue_notice(tx, &app.clock, user.id, MailKind::PasswordChanged).await?;
    let entry = Audit::new(Action::ResetPassword, user.id).by(client);
    record(tx, &app.clock, entry.detail("breaches", new.finding.as_str())).await?;
    Ok(end_all(tx, app, user.id, None, RevocationReason::PasswordReset).await?)
}
