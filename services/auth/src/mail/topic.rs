//! What security notices are about.

macro_rules! topics {
    ($($variant:ident $name:literal $title:literal $sentence:literal;)+) => {
        /// What happened to an account that its owner must hear of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Topic {
            $(#[doc = $sentence] $variant,)+
        }

        impl Topic {
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in the table.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The topic of a stored name.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Subject of the mail and heading in it.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                }
            }

            /// What happened, in a sentence.
            pub fn sentence(self) -> &'static str {
                match self {
                    $(Self::$variant => $sentence,)+
                }
            }
        }
    };
}

topics! {
    ApiKeyCreated "api_key_created" "A new API key"
        "An API key was made that can act in your name.";
    ApiKeyRevoked "api_key_revoked" "An API key was revoked"
        "An API key that could act in your name was revoked.";
    TotpAdded "totp_added" "An authenticator app was added"
        "From now on a log-in to your account asks for a code of an authenticator app.";
    TotpRemoved "totp_removed" "The authenticator app was removed"
        "A log-in to your account no longer asks for a code of an authenticator app.";
    RecoveryCodesMade "recovery_codes_made" "New recovery codes"
        "New recovery codes were made for your account; the ones before no longer work.";
    RecoveryCodeUsed "recovery_code_used" "A recovery code was used"
        "One of your recovery codes was used. It does not work again.";
    PasskeyAdded "passkey_added" "A passkey was added"
        "From now on a passkey opens your account that did not before.";
    PasskeyRemoved "passkey_removed" "A passkey was removed"
        "A passkey no longer opens your account.";
    PasskeyCopied "passkey_copied" "A passkey may have been copied"
        "A passkey of yours signed as if it had been used less often than it was. It was refused; remove it if it happens again.";
    SecondFactorGuessed "second_factor_guessed" "Somebody who knows your password was stopped"
        "There were several wrong codes after your password was given, so none is taken for a while.";
    EmailChangeRequested "email_change_requested" "Another address for your account"
        "Somebody asked for your account to have another address. It gets one when a link is used that was mailed there.";
    EmailChanged "email_changed" "Your account has another address"
        "Your account has another address from now on, and this one is no longer good for logging in.";
    AccountSuspended "account_suspended" "Your account was closed"
        "An administrator closed your account. Nobody can log in to it, and its API keys do not work.";
    DeletionOrdered "deletion_ordered" "Your account will be deleted"
        "An administrator closed your account and ordered its deletion. Ask them if that is a mistake.";
    AccountReactivated "account_reactivated" "Your account is open again"
        "Your account was closed and is open again.";
    DeletionTakenBack "deletion_taken_back" "Your account will not be deleted"
        "The deletion of your account was taken back, and the account is open again.";
    IdentityLinked "identity_linked" "Another way to log in"
        "An account at another provider can log in to yours from now on. Both have your address.";
    IdentityRemoved "identity_removed" "A way to log in was removed"
        "An account at another provider can no longer log in to yours.";
    NameChanged "name_changed" "Your name was changed"
        "An administrator changed the name of your account.";
    DataExported "data_exported" "Your data was exported"
        "Everything that is held of you was given out to somebody who was logged in to your account.";
    AccountLocked "account_locked" "Somebody tries to log in to your account"
        "There were several log-ins with a wrong password, so log-ins from there are stopped for a while.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_found_by_its_name() {
        for topic in Topic::ALL {
            assert_eq!(Topic::parse(topic.as_str()), Some(*topic));
        }
        assert_eq!(Topic::parse("nothing"), None);
    }
}
