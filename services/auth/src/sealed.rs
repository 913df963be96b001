//! What the service keeps sealed: the context binds a value to its row, so that moved to another row it does not open.

use witan_ids::{KeyId, UserId};
use witan_pg::resealing::{Context, Key, SealedColumn, typed};

/// Of a secret of the installation.
pub(crate) fn secret(name: &str) -> String {
    format!("auth.secrets/{name}")
}

pub(crate) fn signing_key(id: KeyId) -> String {
    format!("auth.signing_keys/{id}")
}

pub(crate) fn totp_secret(user: UserId) -> String {
    format!("auth.totp_factors/{user}")
}

/// What is sealed anew when the encryption key changes. What mails say is not among it: it goes when they have been sent.
pub(crate) const SEALED: [SealedColumn; 3] = [
    SealedColumn {
        table: "secrets",
        key: Key::Text("name"),
        column: "sealed",
        context: Context::System(|name| Some(secret(name))),
    },
    SealedColumn {
        table: "signing_keys",
        key: Key::Uuid("id"),
        column: "secret",
        context: Context::System(|id| Some(signing_key(typed(id, KeyId::from_uuid)?))),
    },
    SealedColumn {
        table: "totp_factors",
        key: Key::Uuid("user_id"),
        column: "secret",
        context: Context::System(|user| Some(totp_secret(typed(user, UserId::from_uuid)?))),
    },
];
