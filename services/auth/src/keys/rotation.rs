//! Keys change places: by schedule, when somebody asks for it, and at once when a key may have leaked.

use witan_ids::KeyId;
use witan_pg::{PgError, SystemTx};

use super::{KeyError, Keys, Shared, ring};
use crate::domain::rotation::{RotationRules, plan};
use crate::domain::signing_key::KeyPurpose;
use crate::events;
use crate::sealed::signing_key;
use crate::store::signing_keys::{
    SigningKeyRow, signing_key_activate, signing_key_delete, signing_key_insert_first,
    signing_key_insert_next, signing_key_lock, signing_key_retire,
};

impl Keys {
    /// Does what is due for the keys of one purpose; `asked` hurries it as far as verifiers can follow.
    ///
    /// # Errors
    /// See [`KeyError`]. Each step is a transaction of its own; doing it again goes on where it ended.
    pub async fn rotate(
        &self,
        purpose: KeyPurpose,
        rules: &RotationRules,
        asked: bool,
    ) -> Result<(), KeyError> {
        let now = self.0.clock.now();
        let change = async |tx: &mut SystemTx<'_>| -> Result<bool, PgError> {
            let rows = signing_key_lock(tx, purpose).await?;
            let keys: Vec<_> = rows.iter().filter_map(|row| Some((row.id, row.state()?))).collect();
            let plan = plan(&keys, now, rules, asked);
            for id in &plan.forget {
                signing_key_delete(tx, *id).await?;
                tracing::info!(key = %id, "nothing that it signed lives any longer");
            }
            if let Some((old, new)) = plan.swap {
                signing_key_retire(tx, old, now + rules.longest_life).await?;
                signing_key_activate(tx, new, now).await?;
                tracing::info!(key = %new, instead_of = %old, "signs from now on");
            }
            Ok(plan.make)
        };
        if self.0.pg.tx("keys.rotate", change).await? {
            self.make_next(purpose).await?;
        }
        self.reload().await
    }

    /// Takes the active key of access tokens away, with every token it signed, and puts a new one in its place.
    ///
    /// # Errors
    /// See [`KeyError`]. Either both happen or neither.
    pub async fn replace_at_once(&self) -> Result<(), KeyError> {
        let (id, sealed) = self.make(KeyPurpose::Access).await?;
        let replace = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> {
            for row in signing_key_lock(tx, KeyPurpose::Access).await? {
                signing_key_delete(tx, row.id).await?;
            }
            signing_key_insert_first(tx, id, KeyPurpose::Access, &sealed, self.0.clock.now()).await?;
            events::signing_keys_replaced(tx, &self.0.clock, id).await
        };
        self.0.pg.tx("keys.replace", replace).await?;
        tracing::warn!(key = %id, "replaced every key of access tokens at once");
        self.reload().await
    }

    /// The keys as they stand.
    ///
    /// # Errors
    /// When the table cannot be reached.
    pub(crate) async fn list(&self) -> Result<Vec<SigningKeyRow>, PgError> {
        let list = async |tx: &mut SystemTx<'_>| crate::store::signing_keys::signing_key_list(tx).await;
        self.0.pg.tx("keys.list", list).await
    }

    async fn make_next(&self, purpose: KeyPurpose) -> Result<(), KeyError> {
        let (id, sealed) = self.make(purpose).await?;
        let insert = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
            signing_key_insert_next(tx, id, purpose, &sealed, self.0.clock.now()).await
        };
        Ok(self.0.pg.tx("keys.make_next", insert).await?)
    }

    /// A new key and its sealed secret.
    pub(super) async fn make(&self, purpose: KeyPurpose) -> Result<(KeyId, Vec<u8>), KeyError> {
        let Shared { cipher, clock, .. } = &*self.0;
        let id = KeyId::generate(clock);
        let secret = ring::generate(purpose, clock).await?;
        Ok((id, cipher.seal(clock, &signing_key(id), &secret)))
    }
}
