//! Mails that other services order.
//!
//! Ordering is repeated by who got no answer, so each order has a key under which it is taken once. What the mail says
//! is sealed with the mail's own id and forgotten when the mail is settled; nobody needs it any longer.

use serde::Serialize;
use serde::de::DeserializeOwned;
use witan_clock::Clock;
use witan_ids::MailId;
use witan_pg::{Cipher, PgError, Tx};

use super::mail::enqueue_sending;
use crate::domain::email::EmailAddress;
use crate::mail::{InvitationLetter, MailKind};
use crate::store::mails::{MailRow, MailState, OrderedMail, mail_count_to_mailbox, mail_order};

fn context(id: MailId) -> String {
    format!("auth.mails/{id}")
}

/// Queues an invitation once, unless its mailbox got `per_hour` mails by its own name lately. The address may be
/// anybody's, and many workspaces may be made to set upon it. Says whether the order is new.
pub(crate) async fn order_invitation(
    tx: &mut impl Tx,
    clock: &Clock,
    cipher: &Cipher,
    to: (&EmailAddress, &str),
    letter: &InvitationLetter,
    per_hour: i64,
) -> Result<bool, PgError> {
    let (recipient, dedupe_key) = to;
    let (id, now) = (MailId::generate(clock), clock.now());
    let mail = OrderedMail {
        id,
        kind: MailKind::Invitation,
        recipient: recipient.clone(),
        dedupe_key: dedupe_key.to_owned(),
        sealed: seal(cipher, clock, id, letter),
    };
    let recent = mail_count_to_mailbox(tx, recipient, now - chrono::TimeDelta::hours(1)).await?;
    let state = if recent < per_hour { MailState::Queued } else { MailState::Suppressed };
    let new = mail_order(tx, &mail, state, now).await?;
    if new && matches!(state, MailState::Queued) {
        enqueue_sending(tx, clock, id).await?;
    }
    Ok(new)
}

/// What a mail is to say, as it is kept.
pub(super) fn seal(cipher: &Cipher, clock: &Clock, id: MailId, letter: &impl Serialize) -> Vec<u8> {
    cipher.seal(clock, &context(id), serde_json::json!(letter).to_string().as_bytes())
}

/// What the mail is to say; `None`, and a line in the log, where it cannot be read any longer.
pub(super) fn open<L: DeserializeOwned>(cipher: &Cipher, mail: &MailRow, kind: MailKind) -> Option<L> {
    let sealed = mail.sealed.as_deref().filter(|_| mail.kind == kind.as_str())?;
    let plain = cipher
        .open(&context(mail.id), sealed)
        .inspect_err(|error| tracing::error!(%error, mail = %mail.id, "what a mail says does not open"))
        .ok()?;
    serde_json::from_slice(&plain).ok()
}
