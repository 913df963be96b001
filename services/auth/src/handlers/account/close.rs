//! Closing an account, by its owner or by an administrator, for now or for good.

use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx};
use witan_web::{Problem, codes};

use super::successors::{administered, orphaned};
use super::view::refused;
use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::account::{Account, Refused};
use crate::domain::session::RevocationReason;
use crate::events;
use crate::handlers::client::Client;
use crate::handlers::sessions::ending::{end_all, refuse_here};
use crate::jobs::mail::{queue_notice, queue_security_notice};
use crate::mail::{MailKind, Topic};
use crate::store::accounts::account_set;
use crate::store::email_tokens::email_token_delete_all;
use crate::store::sessions::RevokedSession;
use crate::store::users::user_lock;

/// Why an account closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    /// Its owner wants a rest from it.
    Deactivate,
    /// Its owner wants it gone.
    Delete,
    /// An administrator closes it.
    Suspend,
    /// An administrator wants it gone.
    OrderDeletion,
}

/// What is to be closed, and for whom.
pub(crate) struct Close<'a> {
    pub(crate) user: UserId,
    pub(crate) actor: UserId,
    pub(crate) client: &'a Client,
    pub(crate) closing: Closing,
    /// Also when a workspace is left without an administrator; only administrators of the installation may want that.
    pub(crate) force: bool,
}

#[derive(Debug, thiserror::Error)]
enum CloseError {
    #[error("there is no such account")]
    Unknown,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("a workspace would have no administrator")]
    LastAdmin(Vec<WorkspaceId>),
    #[error(transparent)]
    Store(#[from] PgError),
}

impl From<CloseError> for Problem {
    fn from(error: CloseError) -> Self {
        match error {
            CloseError::Unknown => Self::not_found(),
            CloseError::Refused(why) => refused(why),
            CloseError::LastAdmin(workspaces) => {
                let names: Vec<String> = workspaces.iter().map(ToString::to_string).collect();
                Self::new(&codes::auth::LAST_ADMIN).detail(format!("It is so in {}.", names.join(", ")))
            }
            CloseError::Store(error) => error.into(),
        }
    }
}

/// Closes the account and ends everything that could act in its name: sessions, API keys, mailed links.
pub(crate) async fn close(app: &App, close: &Close<'_>) -> Result<Account, Problem> {
    let administered = if close.force { Vec::new() } else { administered(app, close.user).await? };
    let change = async |tx: &mut SystemTx<'_>| -> Result<(Account, Vec<RevokedSession>), CloseError> {
        let orphaned = orphaned(tx, close.user, &administered).await?;
        let held = user_lock(tx, close.user).await?.ok_or(CloseError::Unknown)?;
        let account = close.leave(app, Account::from(held.account))?;
        if !orphaned.is_empty() {
            return Err(CloseError::LastAdmin(orphaned));
        }
        account_set(tx, close.user, &account, app.clock.now()).await?;
        email_token_delete_all(tx, close.user).await?;
        let ended = end_all(tx, app, close.user, None, RevocationReason::AccountClosed).await?;
        close.tell(tx, app, &account).await?;
        Ok((account, ended))
    };
    let (account, ended) = app.pg.tx("account.close", change).await?;
    refuse_here(app, &ended);
    app.api_keys.clear();
    Ok(account)
}

impl Close<'_> {
    fn leave(&self, app: &App, account: Account) -> Result<Account, Refused> {
        let now = app.clock.now();
        match self.closing {
            Closing::Deactivate => account.deactivate(now),
            Closing::Suspend => account.suspend(now),
            Closing::Delete => account.request_deletion(now + app.config.deletion_grace),
            Closing::OrderDeletion => account.order_deletion(now + app.config.deletion_grace),
        }
    }

    /// The other services, the auditors, and the owner.
    async fn tell(&self, tx: &mut SystemTx<'_>, app: &App, account: &Account) -> Result<(), PgError> {
        let clock = &app.clock;
        if let Account::PendingDeletion { due_at, .. } = account {
            events::user_deletion_requested(tx, clock, self.user, *due_at).await?;
        } else {
            events::user_deactivated(tx, clock, self.user, account.is_suspended()).await?;
        }
        let action = match self.closing {
            Closing::Deactivate => Action::DeactivateAccount,
            Closing::Suspend => Action::SuspendAccount,
            Closing::Delete | Closing::OrderDeletion => Action::RequestDeletion,
        };
        let entry = Audit::new(action, self.actor).to(self.user).by(self.client);
        record(tx, clock, if self.force { entry.detail("forced", "true") } else { entry }).await?;
        match self.closing {
            Closing::Deactivate => queue_notice(tx, clock, self.user, MailKind::AccountDeactivated).await,
            Closing::Delete => queue_notice(tx, clock, self.user, MailKind::DeletionRequested).await,
            Closing::Suspend => {
                queue_security_notice(tx, clock, self.user, Topic::AccountSuspended, None).await
            }
            Closing::OrderDeletion => {
                queue_security_notice(tx, clock, self.user, Topic::DeletionOrdered, None).await
            }
        }
    }
}
