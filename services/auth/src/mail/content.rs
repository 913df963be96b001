//! What each mail says.

use minijinja::context;

use crate::domain::mailed_token::MailedToken;
use crate::templates::Templates;

/// Path of the page that a verification link opens.
pub(crate) const VERIFY_PATH: &str = "/api/v1/auth/verify-email";

/// Which mail.
///
/// None of them repeats anything the person at the keyboard typed: the name given at registration would let a
/// stranger send words of their own to any address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// The link that proves the address.
    VerifyEmail,
    /// Somebody registered an address that has an account.
    AlreadyRegistered,
}

impl MailKind {
    const ALL: [Self; 2] = [Self::VerifyEmail, Self::AlreadyRegistered];

    /// The kind's name in the table and the development outbox.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::AlreadyRegistered => "already_registered",
        }
    }

    /// The kind of a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A rendered mail.
pub struct Content {
    /// Which one it is.
    pub kind: MailKind,
    /// Subject line.
    pub subject: &'static str,
    /// Plain text body.
    pub text: String,
    /// HTML body.
    pub html: String,
    /// The link inside, if any.
    pub link: Option<String>,
    /// The secret in the link, if any.
    pub token: Option<String>,
}

impl Content {
    /// The mail that proves an address.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn verify_email(
        templates: &Templates,
        token: &MailedToken,
        hours: i64,
    ) -> Result<Self, minijinja::Error> {
        let link = templates.link(&format!("{VERIFY_PATH}?token={}", token.expose()));
        let subject = "Confirm your address";
        let values = || context! { link => &link, hours };
        Ok(Self {
            kind: MailKind::VerifyEmail,
            subject,
            text: templates.render("verify_email.txt", subject, values())?,
            html: templates.render("verify_email.html", subject, values())?,
            token: Some(token.expose().to_owned()),
            link: Some(link),
        })
    }

    /// The notice to an owner whose address was registered again.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn already_registered(templates: &Templates) -> Result<Self, minijinja::Error> {
        let subject = "You already have an account";
        Ok(Self {
            kind: MailKind::AlreadyRegistered,
            subject,
            text: templates.render("already_registered.txt", subject, context! {})?,
            html: templates.render("already_registered.html", subject, context! {})?,
            link: None,
            token: None,
        })
    }
}
