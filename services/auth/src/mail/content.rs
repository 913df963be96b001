//! What each mail says.

use minijinja::{Value, context};
use url::Url;

use super::letter::{EndpointLetter, InvitationLetter};
use super::topic::Topic;
use crate::domain::mailed_token::MailedToken;
use crate::templates::Templates;

/// Path of the page that a link for a new password opens.
pub(crate) const RESET_PATH: &str = "/api/v1/auth/reset-password";
/// Path of the page that a link to log in opens.
pub(crate) const MAGIC_LINK_PATH: &str = "/api/v1/auth/magic-link";
/// Path of the page that a link to a closed account opens.
pub(crate) const RESTORE_PATH: &str = "/api/v1/auth/restore-account";
/// Path of the page that a verification link opens.
pub(crate) const VERIFY_PATH: &str = "/api/v1/auth/verify-email";

/// Path of the page that a link for another address opens.
pub(crate) const CHANGE_PATH: &str = "/api/v1/auth/change-email";

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
    /// The link that sets a new password.
    ResetPassword,
    /// The link that logs in.
    MagicLink,
    /// The password was changed.
    PasswordChanged,
    /// A spent refresh token was shown again, and the session was ended.
    RefreshReuse,
    /// The link that gives an account another address.
    ChangeEmail,
    /// An administrator made the account; the link sets its password.
    AccountCreated,
    /// The account was closed by its owner.
    AccountDeactivated,
    /// The account was closed by its owner, and will be erased.
    DeletionRequested,
    /// Somebody invites the address into their workspace.
    Invitation,
    /// A webhook endpoint of a workspace that they run was switched off.
    EndpointDisabled,
    /// Something else happened to the account, see [`Topic`].
    SecurityNotice,
}

impl MailKind {
    const ALL: [Self; 13] = [
        Self::VerifyEmail,
        Self::AlreadyRegistered,
        Self::ResetPassword,
        Self::MagicLink,
        Self::PasswordChanged,
        Self::RefreshReuse,
        Self::ChangeEmail,
        Self::AccountCreated,
        Self::AccountDeactivated,
        Self::DeletionRequested,
        Self::Invitation,
        Self::EndpointDisabled,
        Self::SecurityNotice,
    ];

    /// The kind's name in the table and the development outbox.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::AlreadyRegistered => "already_registered",
            Self::ResetPassword => "reset_password",
            Self::MagicLink => "magic_link",
            Self::PasswordChanged => "password_changed",
            Self::RefreshReuse => "refresh_reuse",
            Self::ChangeEmail => "change_email",
            Self::AccountCreated => "account_created",
            Self::AccountDeactivated => "account_deactivated",
            Self::DeletionRequested => "deletion_requested",
            Self::Invitation => "invitation",
            Self::EndpointDisabled => "endpoint_disabled",
            Self::SecurityNotice => "security_notice",
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
        let values = context! { link => &link, hours };
        let mail = Self::render(templates, MailKind::VerifyEmail, "Confirm your address", &values)?;
        Ok(Self { token: Some(token.expose().to_owned()), link: Some(link), ..mail })
    }

    /// The mail that lets its recipient set a new password.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn reset_password(
        templates: &Templates,
        token: &MailedToken,
        minutes: i64,
    ) -> Result<Self, minijinja::Error> {
        let link = templates.link(&format!("{RESET_PATH}?token={}", token.expose()));
        let values = context! { link => &link, minutes };
        let mail = Self::render(templates, MailKind::ResetPassword, "Set a new password", &values)?;
        Ok(Self { token: Some(token.expose().to_owned()), link: Some(link), ..mail })
    }

    /// The mail that proves the address that an account is to have.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn change_email(
        templates: &Templates,
        token: &MailedToken,
        hours: i64,
    ) -> Result<Self, minijinja::Error> {
        let link = templates.link(&format!("{CHANGE_PATH}?token={}", token.expose()));
        let values = context! { link => &link, hours };
        let mail = Self::render(templates, MailKind::ChangeEmail, "Confirm your new address", &values)?;
        Ok(Self { token: Some(token.expose().to_owned()), link: Some(link), ..mail })
    }

    /// The mail that lets its recipient in.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn magic_link(
        templates: &Templates,
        token: &MailedToken,
        minutes: i64,
    ) -> Result<Self, minijinja::Error> {
        let link = templates.link(&format!("{MAGIC_LINK_PATH}?token={}", token.expose()));
        let values = context! { link => &link, minutes };
        let mail = Self::render(templates, MailKind::MagicLink, "Log in", &values)?;
        Ok(Self { token: Some(token.expose().to_owned()), link: Some(link), ..mail })
    }

    /// The mail that tells somebody that an account was made for them, with a link that sets its password.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn account_created(
        templates: &Templates,
        token: &MailedToken,
        hours: i64,
    ) -> Result<Self, minijinja::Error> {
        let link = templates.link(&format!("{RESET_PATH}?token={}", token.expose()));
        let values = context! { link => &link, hours };
        let mail = Self::render(templates, MailKind::AccountCreated, "You have an account", &values)?;
        Ok(Self { token: Some(token.expose().to_owned()), link: Some(link), ..mail })
    }

    /// The notice that the account was closed, with a link that opens it again.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn account_deactivated(templates: &Templates, token: &MailedToken) -> Result<Self, minijinja::Error> {
        let link = templates.link(&format!("{RESTORE_PATH}?token={}", token.expose()));
        let values = context! { link => &link };
        let mail = Self::render(templates, MailKind::AccountDeactivated, "Your account is closed", &values)?;
        Ok(Self { token: Some(token.expose().to_owned()), link: Some(link), ..mail })
    }

    /// The notice that the account will be erased on `day`, with a link that takes it back.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn deletion_requested(
        templates: &Templates,
        token: &MailedToken,
        day: &str,
    ) -> Result<Self, minijinja::Error> {
        let link = templates.link(&format!("{RESTORE_PATH}?token={}", token.expose()));
        let values = context! { link => &link, day };
        let mail =
            Self::render(templates, MailKind::DeletionRequested, "Your account will be deleted", &values)?;
        Ok(Self { token: Some(token.expose().to_owned()), link: Some(link), ..mail })
    }

    /// The notice that the password was changed.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn password_changed(templates: &Templates) -> Result<Self, minijinja::Error> {
        Self::render(templates, MailKind::PasswordChanged, "Your password was changed", &context! {})
    }

    /// The notice that a session was ended because a spent token of it was shown.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn refresh_reuse(templates: &Templates) -> Result<Self, minijinja::Error> {
        Self::render(templates, MailKind::RefreshReuse, "A session of yours was ended", &context! {})
    }

    /// The invitation into a workspace. The secret stands behind the `#` of the link, which browsers keep to themselves.
    /// Of what was typed there is nothing in it: who invites is named by an address that was proved.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn invitation(
        templates: &Templates,
        page: &Url,
        letter: &InvitationLetter,
    ) -> Result<Self, minijinja::Error> {
        let mut link = page.clone();
        link.set_fragment(Some(&format!("token={}", letter.secret)));
        let day = letter.expires_at.format("%-d %B %Y").to_string();
        let values = context! { link => link.as_str(), inviter => &letter.inviter, day };
        let mail = Self::render(templates, MailKind::Invitation, "You are invited", &values)?;
        Ok(Self { token: Some(letter.secret.clone()), link: Some(link.into()), ..mail })
    }

    /// The notice to those who run a workspace that one of its webhook endpoints was switched off.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn endpoint_disabled(
        templates: &Templates,
        letter: &EndpointLetter,
    ) -> Result<Self, minijinja::Error> {
        let (endpoint, workspace) = (letter.endpoint_id.to_string(), letter.workspace_id.to_string());
        let values = context! { endpoint, workspace, why => letter.why() };
        Self::render(templates, MailKind::EndpointDisabled, "A webhook endpoint was switched off", &values)
    }

    /// A notice of something that happened to the account.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn security_notice(templates: &Templates, topic: Topic) -> Result<Self, minijinja::Error> {
        let values = context! { sentence => topic.sentence() };
        Self::render(templates, MailKind::SecurityNotice, topic.title(), &values)
    }

    /// The notice to an owner whose address was registered again.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn already_registered(templates: &Templates) -> Result<Self, minijinja::Error> {
        Self::render(templates, MailKind::AlreadyRegistered, "You already have an account", &context! {})
    }

    /// Both bodies, from the templates that are named after the kind.
    fn render(
        templates: &Templates,
        kind: MailKind,
        subject: &'static str,
        values: &Value,
    ) -> Result<Self, minijinja::Error> {
        let body = |extension: &str| {
            templates.render(&format!("{}.{extension}", kind.as_str()), subject, values.clone())
        };
        Ok(Self { kind, subject, text: body("txt")?, html: body("html")?, link: None, token: None })
    }
}
