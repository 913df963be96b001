//! Mails: what is in them, and the two ways out.

mod content;
mod folder;
mod letter;
mod smtp;
mod topic;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use secrecy::{ExposeSecret, SecretString};
use witan_ids::MailId;

pub use content::{Content, MailKind};
pub use letter::{EndpointLetter, InvitationLetter};
pub use topic::Topic;

/// How mails leave.
#[derive(Clone)]
pub enum Transport {
    /// To a mail server.
    Smtp(smtp::Smtp),
    /// Into a folder, for development: each mail as `.eml` beside a `.json` with its link.
    Folder(PathBuf),
}

/// Where [`Transport`] leads.
#[derive(Debug, Clone)]
pub enum Route {
    /// `smtp://` or `smtps://`, with credentials.
    Smtp(SecretString),
    /// A local outbox.
    Folder(PathBuf),
}

/// A mail ready to leave.
pub struct OutgoingMail {
    /// Also its Message-ID, so that a repeated delivery is recognised as one mail.
    pub id: MailId,
    /// Recipient.
    pub to: String,
    /// Subject and bodies.
    pub content: Content,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// A mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It never will: the server refused it, or it cannot be written down.
    #[error("the mail was refused: {0}")]
    Permanent(String),
    /// It may later.
    #[error("the mail could not be handed over: {0}")]
    Transient(String),
}

impl Transport {
    /// Opens the way out. Nothing is contacted yet.
    ///
    /// # Errors
    /// When the SMTP address is malformed.
    pub fn open(route: &Route) -> Result<Self, MailError> {
        match route {
            Route::Smtp(url) => smtp::Smtp::open(url.expose_secret()).map(Self::Smtp),
            Route::Folder(path) => Ok(Self::Folder(path.clone())),
        }
    }

    /// Hands the mail over.
    ///
    /// # Errors
    /// See [`MailError`].
    pub async fn deliver(&self, from: &Mailbox, mail: &OutgoingMail) -> Result<(), MailError> {
        let message = compose(from, mail)?;
        match self {
            Self::Smtp(smtp) => smtp.send(message).await,
            Self::Folder(folder) => folder::write(folder, mail, &message.formatted()).await,
        }
    }
}

fn compose(from: &Mailbox, mail: &OutgoingMail) -> Result<Message, MailError> {
    let permanent = |error: &dyn std::error::Error| MailError::Permanent(error.to_string());
    let to: Address = mail.to.parse().map_err(|error| permanent(&error))?;
    let bodies = MultiPart::alternative_plain_html(mail.content.text.clone(), mail.content.html.clone());
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.content.subject)
        .date(mail.at.into())
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .header(AutoSubmitted)
        .multipart(bodies)
        .map_err(|error| permanent(&error))
}

/// Keeps holiday notices from answering (RFC 3834 §5).
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests;
