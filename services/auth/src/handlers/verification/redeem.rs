//! Redeeming a token, for the JSON operation and for the page.

use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Problem, codes};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::account::Account;
use crate::domain::mailed_token::{MailedToken, Purpose};
use crate::events;
use crate::handlers::client::Client;
use crate::store::email_tokens::{Redeemed, email_token_delete_all, email_token_owner, email_token_redeem};
use crate::store::registrations::{Registration, registration_by_id, registration_delete};
use crate::store::users::{User, user_activate, user_lock};

pub(super) const SUBMIT_PATH: &str = "/api/v1/auth/verify-email/submit";

/// The account that is open now.
pub(super) struct Verified {
    pub(super) id: UserId,
    pub(super) email: String,
    pub(super) account: Account,
}

/// Why a token opened nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum RedeemError {
    #[error("the token is unknown, spent or superseded")]
    Invalid,
    #[error("the token is past its time")]
    Expired,
    #[error(transparent)]
    Store(#[from] PgError),
}

impl From<RedeemError> for Problem {
    fn from(error: RedeemError) -> Self {
        match error {
            RedeemError::Invalid => Self::new(&codes::auth::VERIFICATION_TOKEN_INVALID),
            RedeemError::Expired => Self::new(&codes::auth::VERIFICATION_TOKEN_EXPIRED),
            RedeemError::Store(error) => error.into(),
        }
    }
}

/// Opens the account the token was mailed for. An error rolls back, so a token that is refused stays as it was.
pub(super) async fn redeem(app: &App, client: &Client, token: &str) -> Result<Verified, RedeemError> {
    let token = MailedToken::parse(token).ok_or(RedeemError::Invalid)?;
    let open = async |tx: &mut SystemTx<'_>| -> Result<Verified, RedeemError> {
        // The account's row is held first, so that two links of one account take turns rather than deadlock.
        let owner = email_token_owner(tx, &token, Purpose::VerifyEmail).await?.ok_or(RedeemError::Invalid)?;
        let user = user_lock(tx, owner).await?.ok_or(RedeemError::Invalid)?;
        let redeemed =
            email_token_redeem(tx, &token, Purpose::VerifyEmail).await?.ok_or(RedeemError::Invalid)?;
        let registration = proved(tx, app, &redeemed).await?;
        let verified = activate(tx, app, user, &registration).await?;
        record(tx, &app.clock, Audit::new(Action::VerifyEmail, verified.id).by(client)).await?;
        Ok(verified)
    };
    app.pg.tx("verification.redeem", open).await
}

async fn proved(tx: &mut SystemTx<'_>, app: &App, redeemed: &Redeemed) -> Result<Registration, RedeemError> {
    if redeemed.expires_at <= app.clock.now() {
        return Err(RedeemError::Expired);
    }
    let id = redeemed.registration_id.ok_or(RedeemError::Invalid)?;
    registration_by_id(tx, id).await?.ok_or(RedeemError::Invalid)
}

/// The account gets the name and password of the registration whose link was used, and of no other.
async fn activate(
    tx: &mut SystemTx<'_>,
    app: &App,
    user: User,
    registration: &Registration,
) -> Result<Verified, RedeemError> {
    let now = app.clock.now();
    let account = Account::from(user.account).verify(now).map_err(|_| RedeemError::Invalid)?;
    let Registration { name, password_hash, .. } = registration;
    user_activate(tx, user.id, &account, name, password_hash, now).await?;
    // Its password is the account's now. Kept, it would be "not verified" once the account has another one.
    registration_delete(tx, registration.id).await?;
    email_token_delete_all(tx, user.id).await?;
    events::user_verified(tx, &app.clock, user.id, &user.email, name).await?;
    Ok(Verified { id: user.id, email: user.email, account })
}
