//! Redeeming a token, for the JSON operation and for the page.

use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Problem, codes};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::email::EmailAddress;
use crate::domain::mailed_token::{MailedToken, Purpose};
use crate::events;
use crate::handlers::client::Client;
use crate::jobs::mail::queue_security_notice;
use crate::jobs::reset::may_reset;
use crate::mail::Topic;
use crate::store::email_changes::email_change_take;
use crate::store::email_tokens::{email_token_delete_all, email_token_owner, email_token_redeem};
use crate::store::users::{User, user_delete_pending, user_lock, user_set_email};

pub(super) const TITLE: &str = "Confirm your new address";
pub(super) const SUBMIT_PATH: &str = "/api/v1/auth/change-email/submit";
/// What refuses a second account of an address.
const UNIQUE_EMAIL: &str = "users_email_key_key";

/// The account with its new address.
pub(super) struct Changed {
    pub(super) user: UserId,
    pub(super) email: String,
}

/// Why the address stays as it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum RedeemError {
    #[error("the token is unknown, spent or superseded")]
    Invalid,
    #[error("the token is past its time")]
    Expired,
    #[error("the address has an account of its own by now")]
    Taken,
    #[error(transparent)]
    Store(PgError),
}

impl From<PgError> for RedeemError {
    fn from(error: PgError) -> Self {
        if error.constraint() == Some(UNIQUE_EMAIL) { Self::Taken } else { Self::Store(error) }
    }
}

impl From<RedeemError> for Problem {
    fn from(error: RedeemError) -> Self {
        match error {
            RedeemError::Invalid => Self::new(&codes::auth::CHANGE_TOKEN_INVALID),
            RedeemError::Expired => Self::new(&codes::auth::CHANGE_TOKEN_EXPIRED),
            RedeemError::Taken => Self::new(&codes::auth::EMAIL_TAKEN),
            RedeemError::Store(error) => error.into(),
        }
    }
}

/// Gives the account the address that the token was mailed to. An error rolls back, so a token that is refused stays as
/// it was.
pub(super) async fn redeem(app: &App, client: &Client, token: &str) -> Result<Changed, RedeemError> {
    let token = MailedToken::parse(token).ok_or(RedeemError::Invalid)?;
    let change = async |tx: &mut SystemTx<'_>| -> Result<Changed, RedeemError> {
        // The account's row is held first, so that two links of one account take turns rather than deadlock.
        let owner = email_token_owner(tx, &token, Purpose::ChangeEmail).await?.ok_or(RedeemError::Invalid)?;
        let user = user_lock(tx, owner).await?.filter(may_reset).ok_or(RedeemError::Invalid)?;
        let redeemed =
            email_token_redeem(tx, &token, Purpose::ChangeEmail).await?.ok_or(RedeemError::Invalid)?;
        if redeemed.expires_at <= app.clock.now() {
            return Err(RedeemError::Expired);
        }
        let email = email_change_take(tx, user.id).await?.ok_or(RedeemError::Invalid)?;
        let email = EmailAddress::parse(&email).map_err(|_| RedeemError::Invalid)?;
        change(tx, app, client, &user, &email).await?;
        Ok(Changed { user: user.id, email: email.as_str().to_owned() })
    };
    app.pg.tx("email.change", change).await
}

async fn change(
    tx: &mut SystemTx<'_>,
    app: &App,
    client: &Client,
    user: &User,
    email: &EmailAddress,
) -> Result<(), RedeemError> {
    // Who signed up with the address and never proved it has less of a claim to it than who just did.
    user_delete_pending(tx, email).await?;
    user_set_email(tx, user.id, email, app.clock.now()).await?;
    // Links in the old mailbox open nothing any longer.
    email_token_delete_all(tx, user.id).await?;
    let old = Some(user.email.clone());
    queue_security_notice(tx, &app.clock, user.id, Topic::EmailChanged, old).await?;
    events::user_email_changed(tx, &app.clock, user.id, email.as_str()).await?;
    record(tx, &app.clock, Audit::new(Action::EmailChanged, user.id).by(client)).await?;
    Ok(())
}
