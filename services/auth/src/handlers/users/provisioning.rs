//! Accounts that administrators make.

use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};

use crate::app::App;
use crate::audit::{Action, Audit, record};
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::name::DisplayName;
use crate::events;
use crate::handlers::client::Client;
use crate::jobs::mail::queue_notice;
use crate::mail::MailKind;
use crate::store::administration::administered_insert;
use crate::store::email_tokens::email_token_delete_all;
use crate::store::users::{user_activate, user_announce, user_open};

/// An account that is to be made.
pub(super) struct Provisioned {
    pub(super) email: EmailAddress,
    pub(super) name: DisplayName,
    pub(super) proof: Proof,
}

/// Who says that the address is the person's.
pub(super) enum Proof {
    /// They themselves, with a link that is mailed to it.
    Mailed,
    /// The administrator.
    Vouched {
        /// What another system kept of the password, if there is one.
        password_hash: Option<String>,
    },
}

/// Makes it; `None` when the address has an account that somebody proved, or that waits for its owner.
pub(super) async fn provision(
    tx: &mut SystemTx<'_>,
    app: &App,
    wish: &Provisioned,
    administrator: UserId,
    client: &Client,
) -> Result<Option<UserId>, PgError> {
    let (id, now) = (UserId::generate(&app.clock), app.clock.now());
    let Some(id) = administered_insert(tx, id, &wish.email, &wish.name, now).await? else { return Ok(None) };
    if user_announce(tx, id).await? {
        events::user_registered(tx, &app.clock, id, wish.email.as_str()).await?;
    }
    let entry = Audit::new(Action::AccountCreated, administrator).to(id).by(client);
    let entry = match &wish.proof {
        Proof::Mailed => {
            queue_notice(tx, &app.clock, id, MailKind::AccountCreated).await?;
            entry
        }
        Proof::Vouched { password_hash } => {
            open(tx, app, id, wish, password_hash.as_deref()).await?;
            let password = if password_hash.is_some() { "imported" } else { "none" };
            entry.detail("emailVerified", "true").detail("password", password)
        }
    };
    record(tx, &app.clock, entry).await?;
    Ok(Some(id))
}

/// Opens it at once. Links that were mailed to who registered the address before end.
async fn open(
    tx: &mut SystemTx<'_>,
    app: &App,
    id: UserId,
    wish: &Provisioned,
    password_hash: Option<&str>,
) -> Result<(), PgError> {
    let now = app.clock.now();
    let account = Account::Active { verified_at: now };
    email_token_delete_all(tx, id).await?;
    match password_hash {
        Some(hash) => user_activate(tx, id, &account, wish.name.as_str(), hash, now).await?,
        None => user_open(tx, id, &account, &wish.name, now).await?,
    }
    events::user_verified(tx, &app.clock, id, wish.email.as_str(), wish.name.as_str()).await
}
