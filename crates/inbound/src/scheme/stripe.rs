//! <https://docs.stripe.com/webhooks#verify-manually>

use witan_web::Raw;

use super::{MOST_SIGNATURES, Signed, header, seconds};
use crate::{Key, Refused};

const SIGNATURE: &str = "stripe-signature";

/// Other versions are ignored: `v0` is for tests and proves nothing.
pub(super) fn verify(request: &Raw, keys: &[Key]) -> Result<Signed, Refused> {
    let text = header(&request.headers, SIGNATURE)?;
    let (mut timestamp, mut signatures) = (None, Vec::new());
    for item in text.split(',') {
        match item.trim().split_once('=') {
            Some(("t", value)) if timestamp.is_none() => timestamp = Some(value),
            Some(("t", _)) => return Err(Refused::Header(SIGNATURE)),
            Some(("v1", value)) => signatures.push(value),
            _ => {}
        }
    }
    let timestamp = timestamp.ok_or(Refused::Header(SIGNATURE))?;
    let at = seconds(timestamp).ok_or(Refused::Header(SIGNATURE))?;
    let parts = [timestamp.as_bytes(), b".", &request.body];
    let holds = signatures.into_iter().take(MOST_SIGNATURES).any(|signature| {
        let Ok(bytes) = hex::decode(signature) else { return false };
        keys.iter().any(|key| key.has_hmac(&parts, &bytes))
    });
    if holds { Ok(Signed { id: None, at: Some(at) }) } else { Err(Refused::Signature) }
}
