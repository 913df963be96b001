use witan_web::{Problem, codes};

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A header of the signature is missing, is there twice, or cannot be read.
    #[error("the header {0} is missing, is there twice, or cannot be read")]
    Header(&'static str),
    /// No key verifies any of the signatures.
    #[error("no key verifies a signature")]
    Signature,
    /// The signature holds, and was made too long ago or in the future.
    #[error("the signature is too old or too new")]
    Stale,
}

/// Whoever cannot sign learns nothing but that the signature does not hold.
impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let code = match refused {
            Refused::Header(_) | Refused::Signature => &codes::inbound::SIGNATURE_INVALID,
            Refused::Stale => &codes::inbound::TIMESTAMP_STALE,
        };
        Self::new(code).source(refused)
    }
}
