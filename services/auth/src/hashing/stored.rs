//! Password hashes as they are kept, and as other systems kept theirs.

use argon2::{Algorithm, Params};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use password_hash::phc::PasswordHash;

/// Dearest bcrypt that is imported: each step doubles what a log-in costs, and 14 takes a second already.
const DEAREST_BCRYPT: u32 = 14;
const CHEAPEST_BCRYPT: u32 = 4;
/// The largest argon2 parameters that are imported: what a stranger's hash may cost us.
const LARGEST_MEMORY_KIB: u32 = 65_536;
const MOST_PASSES: u32 = 6;
const MOST_LANES: u32 = 4;

/// A hash that a password can be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredHash {
    /// Argon2id as a PHC string.
    Argon2(Box<PasswordHash>),
    /// Bcrypt of another system, `$2a$`, `$2b$` or `$2y$`. Replaced at the next log-in.
    Bcrypt(String),
}

/// It is no hash that we can compare with, or one that costs too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a bcrypt hash of cost 4 to 14, or argon2id of at most 64 MiB, 6 passes and 4 lanes")]
pub struct HashUnknown;

impl StoredHash {
    /// Reads a hash.
    ///
    /// # Errors
    /// [`HashUnknown`].
    pub fn parse(text: &str) -> Result<Self, HashUnknown> {
        if text.starts_with("$2") { parse_bcrypt(text) } else { parse_argon(text) }
    }

    /// The salt, if it is one of argon2.
    pub(super) fn salt(&self) -> Option<&[u8]> {
        match self {
            Self::Argon2(hash) => hash.salt.as_deref(),
            Self::Bcrypt(_) => None,
        }
    }

    /// Whether `output` is this hash's, compared in constant time.
    pub(super) fn is(&self, output: &PasswordHash) -> bool {
        let Self::Argon2(hash) = self else { return false };
        match (&hash.hash, &output.hash) {
            (Some(ours), Some(theirs)) => {
                hash.params == output.params
                    && verify_slices_are_equal(ours.as_bytes(), theirs.as_bytes()).is_ok()
            }
            _ => false,
        }
    }
}

fn parse_bcrypt(text: &str) -> Result<StoredHash, HashUnknown> {
    let parts: bcrypt::HashParts = text.parse().map_err(|_| HashUnknown)?;
    let cost = parts.get_cost();
    if !(CHEAPEST_BCRYPT..=DEAREST_BCRYPT).contains(&cost) {
        return Err(HashUnknown);
    }
    Ok(StoredHash::Bcrypt(text.to_owned()))
}

fn parse_argon(text: &str) -> Result<StoredHash, HashUnknown> {
    let hash = PasswordHash::new(text).map_err(|_| HashUnknown)?;
    let params = Params::try_from(&hash).map_err(|_| HashUnknown)?;
    let bearable = params.m_cost() <= LARGEST_MEMORY_KIB
        && params.t_cost() <= MOST_PASSES
        && params.p_cost() <= MOST_LANES;
    let is_argon2id = hash.algorithm == Algorithm::Argon2id.ident() && hash.version == Some(0x13);
    let is_whole = hash.salt.is_some() && hash.hash.is_some();
    if !(bearable && is_argon2id && is_whole) {
        return Err(HashUnknown);
    }
    Ok(StoredHash::Argon2(Box::new(hash)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_systems_kept_is_read() {
        // Made by other implementations: Python's bcrypt, PHP's password_hash, the reference implementation of argon2.
        for text in [
            "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
            "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
            "$2y$04$DLrd4K9YJnLuJbKbj.XAfO0SXlgx5xlJjiVXDErMVLFA4F8e1rL2W",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        ] {
            assert!(StoredHash::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_hash_or_costs_too_much_is_refused() {
        for text in [
            "",
            "correct horse battery staple",
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "$2b$31$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
            "$2b$12$R9h/cIPz0gi.URNNX3kh2O",
            "$2b$12$\u{e9}9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMU",
            "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ",
        ] {
            assert_eq!(StoredHash::parse(text), Err(HashUnknown), "{text}");
        }
    }
}
