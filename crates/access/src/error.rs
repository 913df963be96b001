use std::error::Error;

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The credential does not hold.
    #[error("the credential was refused: {0}")]
    Denied(#[from] Denial),
    /// Whoever would know does not answer.
    #[error("{what} cannot be reached")]
    Unavailable {
        /// What was asked for, such as `signing keys`.
        what: &'static str,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl AccessError {
    /// Whoever would know does not answer.
    pub fn unavailable(what: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable { what, source: source.into() }
    }
}

/// What is wrong with a credential. The texts are safe to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// It is no token, or one that breaks the rules.
    #[error("the token is malformed")]
    Malformed,
    /// Another algorithm, type or critical header than agreed.
    #[error("the token is of another kind")]
    Kind,
    /// Nobody knows the key that it names.
    #[error("the token was signed with an unknown key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the token's signature is wrong")]
    Signature,
    /// It was issued by somebody else.
    #[error("the token was issued by somebody else")]
    Issuer,
    /// It is meant for another service.
    #[error("the token is meant for another service")]
    Audience,
    /// It does not hold yet.
    #[error("the token is not valid yet")]
    NotYet,
    /// It has ended.
    #[error("the token has expired")]
    Expired,
    /// It is an API key that nobody knows, that has ended, or that was revoked.
    #[error("the API key is not valid")]
    ApiKey,
    /// It is of another issuer, and not taken here.
    #[error("the token is not accepted here")]
    Outside,
    /// Its session was ended.
    #[error("the session was ended")]
    Revoked,
}
