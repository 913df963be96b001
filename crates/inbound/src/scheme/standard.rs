//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use witan_web::Raw;

use super::{MOST_SIGNATURES, Signed, header, seconds};
use crate::{Key, Refused};

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";
const LONGEST_ID: usize = 255;

pub(super) fn verify(request: &Raw, keys: &[Key]) -> Result<Signed, Refused> {
    let id = header(&request.headers, ID)?;
    // With a dot in it two messages could be signed alike: what is signed is `id.timestamp.body`.
    if id.is_empty()
        || id.len() > LONGEST_ID
        || !id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.')
    {
        return Err(Refused::Header(ID));
    }
    let timestamp = header(&request.headers, TIMESTAMP)?;
    let at = seconds(timestamp).ok_or(Refused::Header(TIMESTAMP))?;
    let signatures = header(&request.headers, SIGNATURE)?;
    let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", &request.body];
    let holds = signatures.split(' ').take(MOST_SIGNATURES).any(|signature| {
        let Some((version, text)) = signature.split_once(',') else { return false };
        let Ok(bytes) = STANDARD.decode(text) else { return false };
        keys.iter().any(|key| match version {
            "v1" => key.has_hmac(&parts, &bytes),
            "v1a" => key.has_ed25519(&parts, &bytes),
            _ => false,
        })
    });
    if holds { Ok(Signed { id: Some(id.to_owned()), at: Some(at) }) } else { Err(Refused::Signature) }
}
