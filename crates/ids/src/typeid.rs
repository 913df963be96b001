//! The text form of the TypeID specification 0.3, for any prefix.

use uuid::Uuid;

/// Characters behind the prefix: 128 bits in groups of five.
pub const SUFFIX_LENGTH: usize = 26;
/// The longest prefix that the specification allows.
const MAX_PREFIX: usize = 63;
/// Crockford's base 32 in lower case: no i, l, o and u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const VALUES: [u8; 256] = values();
const INVALID: u8 = 0xff;

/// Why a text is not a TypeID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TypeIdError {
    /// The prefix breaks the rules: at most 63 of `a`-`z` and `_`, no `_` at either end.
    #[error("has a malformed prefix")]
    Prefix,
    /// What follows the prefix is not 26 characters long.
    #[error("must have 26 characters after its prefix")]
    Length,
    /// A character is not of the alphabet.
    #[error("has a character that ids do not use")]
    Character,
    /// The number is larger than 128 bits.
    #[error("does not fit into 128 bits")]
    Overflow,
}

/// The text of `uuid` with `prefix`, which may be empty.
///
/// # Errors
/// When the prefix breaks the specification's rules.
pub fn encode(prefix: &str, uuid: Uuid) -> Result<String, TypeIdError> {
    check_prefix(prefix)?;
    let mut buffer = [0; SUFFIX_LENGTH];
    let suffix = suffix(uuid, &mut buffer);
    Ok(if prefix.is_empty() { suffix.to_owned() } else { format!("{prefix}_{suffix}") })
}

/// The prefix, which may be empty, and the UUID of a text.
///
/// # Errors
/// When the text breaks any of the specification's rules.
pub fn decode(text: &str) -> Result<(&str, Uuid), TypeIdError> {
    let (prefix, suffix) = match text.rsplit_once('_') {
        Some(("", _)) => return Err(TypeIdError::Prefix),
        Some(parts) => parts,
        None => ("", text),
    };
    check_prefix(prefix)?;
    Ok((prefix, decode_suffix(suffix.as_bytes())?))
}

/// Writes the 26 characters of `uuid` to `buffer`.
pub(crate) fn suffix(uuid: Uuid, buffer: &mut [u8; SUFFIX_LENGTH]) -> &str {
    let mut rest = uuid.as_u128();
    for slot in buffer.iter_mut().rev() {
        *slot = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    // The alphabet is ASCII, so this never falls back.
    std::str::from_utf8(buffer).unwrap_or_default()
}

fn decode_suffix(suffix: &[u8]) -> Result<Uuid, TypeIdError> {
    if suffix.len() != SUFFIX_LENGTH {
        return Err(TypeIdError::Length);
    }
    let mut number = 0_u128;
    for (index, character) in suffix.iter().enumerate() {
        let value = VALUES[usize::from(*character)];
        if value == INVALID {
            return Err(TypeIdError::Character);
        }
        // 26 times five bits are 130: the first character may only use three of its own.
        if index == 0 && value > 7 {
            return Err(TypeIdError::Overflow);
        }
        number = (number << 5) | u128::from(value);
    }
    Ok(Uuid::from_u128(number))
}

fn check_prefix(prefix: &str) -> Result<(), TypeIdError> {
    let letters = prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let ends = !prefix.starts_with('_') && !prefix.ends_with('_');
    if letters && ends && prefix.len() <= MAX_PREFIX { Ok(()) } else { Err(TypeIdError::Prefix) }
}

const fn values() -> [u8; 256] {
    let mut values = [INVALID; 256];
    let mut index = 0;
    while index < ALPHABET.len() {
        values[ALPHABET[index] as usize] = index as u8;
        index += 1;
    }
    values
}
