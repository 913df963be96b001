//! Delivery to a mail server.

use std::time::Duration;

use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::MailError;

const DEADLINE: Duration = Duration::from_secs(10);

/// Pooled connections to one server.
#[derive(Clone)]
pub struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    pub(super) fn open(url: &str) -> Result<Self, MailError> {
        // The reason may quote the address, and that holds the password.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| MailError::Permanent("SMTP_URL is malformed".to_owned()))?;
        Ok(Self(builder.timeout(Some(DEADLINE)).build()))
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), MailError> {
        let sent = tokio::time::timeout(DEADLINE * 2, self.0.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() && !is_about_us(&error) => {
                Err(MailError::Permanent(error.to_string()))
            }
            Ok(Err(error)) => Err(MailError::Transient(error.to_string())),
            Err(_) => Err(MailError::Transient("the mail server took too long".to_owned())),
        }
    }
}

/// Whether the server refused who sends rather than what is sent (RFC 4954 section 6): a wrong password of ours is put
/// right by whoever set it, and no mail should be lost to it.
fn is_about_us(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
}
