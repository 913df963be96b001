//! A link that gives an account another address.
//!
//! Whether that address has an account is looked up here, when the mail is written, and not in the request that asked: who
//! asked learns nothing, and whoever has the address already is told what anybody is told who registers it again.

use witan_clock::Clock;
use witan_ids::MailId;
use witan_pg::{PgError, Tx};

use super::mail::{queue_mail, queue_mail_as};
use super::reset::may_reset;
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::mailed_token::Purpose;
use crate::mail::MailKind;
use crate::store::email_changes::{email_change_lock, email_change_save};
use crate::store::email_tokens::email_token_delete_purpose;
use crate::store::mails::{MailRow, NewMail, mail_count_to};
use crate::store::users::{User, user_by_email};

/// Orders the link. Those that were mailed before stop working.
pub(crate) async fn order_change(
    tx: &mut impl Tx,
    clock: &Clock,
    user: &User,
    email: &EmailAddress,
    per_hour: i64,
) -> Result<(), PgError> {
    let (id, now) = (MailId::generate(clock), clock.now());
    email_change_save(tx, user.id, id, email, now).await?;
    email_token_delete_purpose(tx, user.id, Purpose::ChangeEmail).await?;
    // The address may be a stranger's, and several accounts may be set upon it.
    let recent = mail_count_to(tx, email.as_str(), now - chrono::TimeDelta::hours(1)).await?;
    let allowed = if recent < per_hour { per_hour } else { 0 };
    let recipient = Some(email.as_str().to_owned());
    let mail = NewMail { recipient, ..NewMail::to(user.id, MailKind::ChangeEmail) };
    queue_mail_as(tx, clock, id, &mail, allowed).await
}

/// Whether the mail is still to be sent. If not because its address has an account, the owner of that is told instead.
pub(super) async fn is_wanted(
    tx: &mut impl Tx,
    clock: &Clock,
    mail: &MailRow,
    user: &User,
    per_hour: i64,
) -> Result<bool, PgError> {
    let Some(email) = email_change_lock(tx, user.id, mail.id).await? else { return Ok(false) };
    let Ok(email) = EmailAddress::parse(&email) else { return Ok(false) };
    let owner = user_by_email(tx, &email).await?;
    let owner = owner.filter(|owner| Account::from(owner.account.clone()) != Account::PendingVerify);
    if let Some(owner) = owner {
        queue_mail(tx, clock, &NewMail::to(owner.id, MailKind::AlreadyRegistered), per_hour).await?;
        return Ok(false);
    }
    Ok(may_reset(user))
}
