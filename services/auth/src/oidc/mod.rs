//! Other identity providers: what they publish, and what their tokens say.
//!
//! Everything is fetched through the guarded client, as the addresses in a discovery document are chosen by others. What
//! was fetched is kept and used on while a provider is away; made-up key ids make nobody ask more often than every ten
//! seconds.

mod claims;
mod code;
mod fetched;
mod keys;
mod metadata;
mod provider;
mod trusted;

pub(crate) use claims::TokenKind;
pub(crate) use code::SignIn;
pub(crate) use provider::Provider;
pub(crate) use trusted::{TrustedIssuers, Vouched};

/// Why nobody was recognised.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OidcError {
    /// The provider does not answer, or not as it must.
    #[error("the provider does not answer as it must: {0}")]
    Unavailable(String),
    /// It does not know the code, or no longer.
    #[error("the provider refuses the code")]
    Code,
    /// The token held once.
    #[error("the token does not hold: it has expired")]
    Expired,
    /// The token does not hold.
    #[error("the token does not hold: {0}")]
    Token(&'static str),
}

impl OidcError {
    fn unavailable(reason: impl ToString) -> Self {
        Self::Unavailable(reason.to_string())
    }
}
