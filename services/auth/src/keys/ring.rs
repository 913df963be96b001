//! A copy of the keys, decrypted.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use jsonwebtoken::jwk::JwkSet;
use witan_clock::Clock;
use witan_pg::Cipher;

use super::KeyError;
use super::access_key::AccessKey;
use crate::domain::refresh_token::{KEY_LENGTH, RefreshKey};
use crate::domain::signing_key::{KeyPurpose, KeyState};
use crate::sealed::signing_key;
use crate::store::signing_keys::SigningKeyRow;

#[derive(Default)]
pub(super) struct Ring {
    access: Vec<(KeyState, Arc<AccessKey>)>,
    refresh: Vec<(KeyState, RefreshKey)>,
}

impl Ring {
    pub(super) fn unseal(rows: Vec<SigningKeyRow>, cipher: &Cipher) -> Result<Self, KeyError> {
        let mut ring = Self::default();
        for row in rows {
            let secret =
                cipher.open(&signing_key(row.id), &row.secret).map_err(|_| KeyError::Sealed(row.id))?;
            let state = row.state().ok_or(KeyError::Malformed(row.id))?;
            match row.purpose().ok_or(KeyError::Malformed(row.id))? {
                KeyPurpose::Access => ring.access.push((state, Arc::new(AccessKey::parse(row.id, &secret)?))),
                KeyPurpose::Refresh => ring.refresh.push((state, RefreshKey::new(row.id, &secret))),
            }
        }
        Ok(ring)
    }

    pub(super) fn has_active(&self, purpose: KeyPurpose) -> bool {
        match purpose {
            KeyPurpose::Access => self.signer().is_some(),
            KeyPurpose::Refresh => self.sealer().is_some(),
        }
    }

    pub(super) fn signer(&self) -> Option<Arc<AccessKey>> {
        active(&self.access).cloned()
    }

    pub(super) fn sealer(&self) -> Option<&RefreshKey> {
        active(&self.refresh)
    }

    pub(super) fn openers(&self, now: DateTime<Utc>) -> impl Iterator<Item = &RefreshKey> {
        verifying(&self.refresh, now)
    }

    pub(super) fn published(&self, now: DateTime<Utc>) -> JwkSet {
        JwkSet { keys: verifying(&self.access, now).map(|key| key.jwk().clone()).collect() }
    }
}

/// A new secret. An RSA key takes a good part of a second to find.
pub(super) async fn generate(purpose: KeyPurpose, clock: &Clock) -> Result<Vec<u8>, KeyError> {
    match purpose {
        KeyPurpose::Refresh => Ok(clock.random::<KEY_LENGTH>().to_vec()),
        KeyPurpose::Access => tokio::task::spawn_blocking(AccessKey::generate)
            .await
            .map_err(|_| KeyError::Crypto("the generating thread"))?,
    }
}

fn active<K>(keys: &[(KeyState, K)]) -> Option<&K> {
    keys.iter().find(|(state, _)| matches!(state, KeyState::Active { .. })).map(|(_, key)| key)
}

fn verifying<K>(keys: &[(KeyState, K)], now: DateTime<Utc>) -> impl Iterator<Item = &K> {
    keys.iter().filter(move |(state, _)| state.verifies(now)).map(|(_, key)| key)
}
