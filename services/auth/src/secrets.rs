//! The secret of the installation, and what is derived from it.

use aws_lc_rs::hmac;
use witan_clock::Clock;
use witan_pg::{Cipher, CipherError, Pg, PgError, SystemTx};

use crate::sealed::secret;
use crate::store::secrets::secret_ensure;

const NAME: &str = "master";
const LENGTH: usize = 32;

/// Made at the first start and the same ever after, for all replicas.
pub(crate) struct Secrets(hmac::Key);

/// The secret could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// The table cannot be reached.
    #[error("the secret cannot be read")]
    Store(#[from] PgError),
    /// The cipher does not open what is stored.
    #[error("the secret cannot be decrypted; is its encryption key still configured?")]
    Sealed(#[from] CipherError),
}

impl Secrets {
    /// Reads the secret, or makes it.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub(crate) async fn open(pg: &Pg, cipher: &Cipher, clock: &Clock) -> Result<Self, SecretError> {
        let new = cipher.seal(clock, &secret(NAME), &clock.random::<LENGTH>());
        let ensure =
            async |tx: &mut SystemTx<'_>| -> Result<_, PgError> { secret_ensure(tx, NAME, &new).await };
        let sealed = pg.tx("secrets.open", ensure).await?;
        let opened = cipher.open(&secret(NAME), &sealed)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &opened)))
    }

    /// A key of 32 bytes for one purpose.
    pub(crate) fn derive(&self, purpose: &str) -> Vec<u8> {
        hmac::sign(&self.0, purpose.as_bytes()).as_ref().to_vec()
    }
}
