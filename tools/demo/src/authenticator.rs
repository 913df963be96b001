//! A phone with an authenticator app.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

/// RFC 4648 section 6.
const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What the app shows now for a secret (RFC 6238).
#[expect(clippy::disallowed_methods, reason = "the demo is an outsider and reads the wall clock like one")]
pub(crate) fn code(secret: &str) -> Result<String> {
    let step = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 30;
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret)?);
    let tag = sign(&key, &step.to_be_bytes());
    let offset = usize::from(tag.as_ref().last().context("an empty tag")? & 15);
    let word = tag.as_ref().get(offset..offset + 4).context("a short tag")?;
    let number = u32::from_be_bytes(word.try_into()?) & 0x7fff_ffff;
    Ok(format!("{:06}", number % 1_000_000))
}

fn base32(text: &str) -> Result<Vec<u8>> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for character in text.chars() {
        let value = ALPHABET.find(character).context("the secret is not base32")?;
        (bits, count) = ((bits << 5) | u32::try_from(value)?, count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 255)?);
        }
    }
    Ok(bytes)
}
