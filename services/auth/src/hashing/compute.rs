//! One run of argon2id.

use argon2::{Algorithm, Argon2, Params, Version};
use password_hash::Error;
use password_hash::phc::{Output, ParamsString, PasswordHash, Salt};

use super::memory::Memory;

/// The hash of a password, made in memory that is lent.
pub(super) fn hash(
    params: &Params,
    memory: &Memory,
    password: &[u8],
    salt: &[u8],
) -> Result<PasswordHash, Error> {
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    let salt = Salt::new(salt)?;
    let mut out = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    Argon2::new(algorithm, version, params.clone()).hash_password_into_with_memory(
        password,
        &salt,
        &mut out,
        memory.lend(params.block_count()),
    )?;
    Ok(PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(params)?,
        salt: Some(salt),
        hash: Some(Output::new(&out)?),
    })
}

/// What `password` hashes to with the parameters and the salt of `like`.
pub(super) fn again(memory: &Memory, password: &[u8], like: &PasswordHash) -> Result<PasswordHash, Error> {
    let salt = like.salt.as_deref().ok_or(Error::SaltInvalid)?;
    hash(&Params::try_from(like)?, memory, password, salt)
}

#[cfg(test)]
mod tests {
    use password_hash::PasswordHasher as _;

    use super::*;

    #[test]
    fn used_memory_makes_no_difference() {
        let params = Params::new(64, 2, 1, None).unwrap();
        let salt = b"sixteen bytes, ok";
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let memory = Memory::of(params.block_count());
        for password in ["correct horse", "battery staple", "correct horse"] {
            let made = hash(&params, &memory, password.as_bytes(), salt).unwrap();
            assert_eq!(made, argon.hash_password_with_salt(password.as_bytes(), salt).unwrap());
            assert_eq!(again(&memory, password.as_bytes(), &made).unwrap(), made);
        }
    }
}
