//! How people prove who they are.

/// One way of proof. Its name is what `amr` holds: RFC 8176 where that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// The account's password.
    Password,
    /// A code of an authenticator app.
    Otp,
    /// One of the codes that were printed for the day when the app is gone.
    RecoveryCode,
    /// A passkey whose owner the device has verified.
    Passkey,
    /// Another identity provider.
    Federated,
    /// A link in a mail.
    MailedLink,
}

impl Method {
    const ALL: [Self; 6] =
        [Self::Password, Self::Otp, Self::RecoveryCode, Self::Passkey, Self::Federated, Self::MailedLink];

    /// Its name in tokens and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Otp => "otp",
            Self::RecoveryCode => "recovery",
            Self::Passkey => "passkey",
            Self::Federated => "fed",
            Self::MailedLink => "mail",
        }
    }

    /// The method of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// Whether it shows more than something one knows or a mailbox. A passkey does alone: a device, and who unlocked it.
    pub fn is_second_factor(self) -> bool {
        matches!(self, Self::Otp | Self::RecoveryCode | Self::Passkey)
    }
}

/// The names of `methods`, as tokens and the table hold them.
pub fn names(methods: &[Method]) -> Vec<String> {
    methods.iter().map(|method| method.as_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_found_by_its_name() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Some(method));
        }
        assert_eq!(Method::parse("PWD"), None);
    }

    #[test]
    fn neither_a_password_nor_a_mailbox_nor_another_provider_is_a_second_factor() {
        let second: Vec<_> =
            Method::ALL.into_iter().filter(|method| method.is_second_factor()).map(Method::as_str).collect();
        assert_eq!(second, ["otp", "recovery", "passkey"]);
    }
}
