use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use witan_web::Raw;

use super::{Signed, header, seconds};
use crate::{Key, Refused};

/// How the bytes of a signature are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// In hexadecimal digits of either case.
    Hex,
    /// In base64 with padding.
    Base64,
}

/// HMAC-SHA256 of the body in one header, as GitHub, Shopify and many others have it.
#[derive(Debug, Clone)]
pub struct Hmac {
    /// The header with the signature, such as `x-hub-signature-256`.
    pub signature: &'static str,
    /// What stands before the signature, such as `sha256=`.
    pub prefix: &'static str,
    /// How it is written.
    pub encoding: Encoding,
    /// The header with the seconds since 1970. If there is one, what is signed is `timestamp.body`. Without one, whoever
    /// sees a request can send it again at any time: then only the receipt tells that it came before.
    pub timestamp: Option<&'static str>,
}

impl Hmac {
    pub(super) fn verify(&self, request: &Raw, keys: &[Key]) -> Result<Signed, Refused> {
        let text = header(&request.headers, self.signature)?;
        let text = text.strip_prefix(self.prefix).ok_or(Refused::Header(self.signature))?;
        let bytes = match self.encoding {
            Encoding::Hex => hex::decode(text).ok(),
            Encoding::Base64 => STANDARD.decode(text).ok(),
        };
        let bytes = bytes.ok_or(Refused::Header(self.signature))?;
        let timestamp = match self.timestamp {
            Some(name) => {
                let text = header(&request.headers, name)?;
                Some((text, seconds(text).ok_or(Refused::Header(name))?))
            }
            None => None,
        };
        let parts: &[&[u8]] = match &timestamp {
            Some((text, _)) => &[text.as_bytes(), b".", &request.body],
            None => &[&request.body],
        };
        if keys.iter().any(|key| key.has_hmac(parts, &bytes)) {
            Ok(Signed { id: None, at: timestamp.map(|(_, at)| at) })
        } else {
            Err(Refused::Signature)
        }
    }
}
