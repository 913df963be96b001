//! Opening a closed account again.

use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Problem, codes};

use super::view::refused;
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::account::{Account, Refused};
use crate::domain::mailed_token::{MailedToken, Purpose};
use crate::events;
use crate::handlers::client::Client;
use crate::jobs::mail::queue_security_notice;
use crate::mail::Topic;
use crate::store::accounts::account_set;
use crate::store::email_tokens::{email_token_delete_all, email_token_owner, email_token_redeem};
use crate::store::users::user_lock;

/// What proves that it may be opened, and from where.
#[derive(Clone, Copy)]
pub(crate) enum Opening<'a> {
    /// The password: out of a deactivation.
    Reactivate,
    /// The password: out of a deletion.
    TakeBack,
    /// A mailed link: out of either.
    Link(&'a MailedToken),
    /// An administrator: out of either, also when one closed it.
    Administrator,
}

/// Why an account stays closed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("there is no such account")]
    Unknown,
    #[error("the token is unknown, spent or superseded")]
    Invalid,
    #[error("the token is past its time")]
    Expired,
    #[error("the erasure has begun")]
    Due,
    #[error("an administrator closed it")]
    Suspended,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Store(#[from] PgError),
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unknown => Self::not_found(),
            OpenError::Invalid => Self::new(&codes::auth::RESTORE_TOKEN_INVALID),
            OpenError::Expired => Self::new(&codes::auth::RESTORE_TOKEN_EXPIRED),
            OpenError::Due => Self::new(&codes::auth::DELETION_DUE),
            OpenError::Suspended => Self::new(&codes::auth::ACCOUNT_SUSPENDED),
            OpenError::Refused(why) => refused(why),
            OpenError::Store(error) => error.into(),
        }
    }
}

/// Whose account a mailed link opens.
pub(crate) async fn owner_of_link(app: &App, token: &MailedToken) -> Result<UserId, OpenError> {
    let find = async |tx: &mut SystemTx<'_>| -> Result<Option<UserId>, PgError> {
        email_token_owner(tx, token, Purpose::RestoreAccount).await
    };
    app.pg.tx("account.token-owner", find).await?.ok_or(OpenError::Invalid)
}

/// Opens the account. Nobody is logged in by it.
pub(crate) async fn open(
    app: &App,
    client: &Client,
    (actor, user): (UserId, UserId),
    opening: Opening<'_>,
) -> Result<Account, OpenError> {
    let change = async |tx: &mut SystemTx<'_>| -> Result<Account, OpenError> {
        let now = app.clock.now();
        let held = user_lock(tx, user).await?.ok_or(OpenError::Unknown)?;
        if let Opening::Link(token) = opening {
            let redeemed = email_token_redeem(tx, token, Purpose::RestoreAccount).await?;
            if redeemed.ok_or(OpenError::Invalid)?.expires_at <= now {
                return Err(OpenError::Expired);
            }
        }
        let before = Account::from(held.account);
        let deleted = matches!(before, Account::PendingDeletion { .. });
        let account = enter(app, before, opening)?;
        account_set(tx, user, &account, now).await?;
        email_token_delete_all(tx, user).await?;
        let (action, topic) = if deleted {
            events::user_restored(tx, &app.clock, user).await?;
            (Action::TakeBackDeletion, Topic::DeletionTakenBack)
        } else {
            events::user_reactivated(tx, &app.clock, user).await?;
            (Action::ReactivateAccount, Topic::AccountReactivated)
        };
        record(tx, &app.clock, Audit::new(action, actor).to(user).by(client)).await?;
        queue_security_notice(tx, &app.clock, user, topic, None).await?;
        Ok(account)
    };
    let account = app.pg.tx("account.open", change).await?;
    app.api_keys.clear();
    Ok(account)
}

fn enter(app: &App, account: Account, opening: Opening<'_>) -> Result<Account, OpenError> {
    let now = app.clock.now();
    if matches!(account, Account::PendingDeletion { due_at, .. } if due_at <= now) {
        return Err(OpenError::Due);
    }
    if account.is_suspended() && !matches!(opening, Opening::Administrator) {
        return Err(OpenError::Suspended);
    }
    let opened = match (opening, &account) {
        (Opening::Administrator, _) => account.reopen(now),
        (Opening::TakeBack, _) | (Opening::Link(_), Account::PendingDeletion { .. }) => {
            account.take_back(now)
        }
        (Opening::Reactivate | Opening::Link(_), _) => account.reactivate(),
    };
    Ok(opened?)
}
