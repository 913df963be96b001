//! Redeeming a link that logs in, for the JSON operation and for the page.

use witan_pg::{PgError, SystemTx};
use witan_web::{Problem, codes};

use crate::app::App;
use crate::domain::mailed_token::{MailedToken, Purpose};
use crate::jobs::magic_link::may_enter;
use crate::store::email_tokens::{email_token_owner, email_token_redeem};
use crate::store::users::{User, user_lock};

/// Why a link lets nobody in.
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
            RedeemError::Invalid => Self::new(&codes::auth::MAGIC_LINK_INVALID),
            RedeemError::Expired => Self::new(&codes::auth::MAGIC_LINK_EXPIRED),
            RedeemError::Store(error) => error.into(),
        }
    }
}

/// Whose link it was. It is spent with that: of any number of callers one gets an answer.
pub(super) async fn redeem(app: &App, token: &str) -> Result<User, RedeemError> {
    let token = MailedToken::parse(token).ok_or(RedeemError::Invalid)?;
    let spend = async |tx: &mut SystemTx<'_>| -> Result<User, RedeemError> {
        let purpose = Purpose::MagicLink;
        let owner = email_token_owner(tx, &token, purpose).await?.ok_or(RedeemError::Invalid)?;
        let user = user_lock(tx, owner).await?.filter(may_enter).ok_or(RedeemError::Invalid)?;
        let redeemed = email_token_redeem(tx, &token, purpose).await?.ok_or(RedeemError::Invalid)?;
        if redeemed.expires_at <= app.clock.now() {
            return Err(RedeemError::Expired);
        }
        Ok(user)
    };
    app.pg.tx("magic-link.redeem", spend).await
}
