use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How an endpoint's deliveries are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebhookSignature)]
pub(crate) enum Signature {
    /// With a secret that the receiver has too (Standard Webhooks `v1`).
    #[default]
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    /// With a key that only we have (`v1a`); the receiver verifies with the public one.
    #[serde(rename = "ed25519")]
    Ed25519,
}

impl Signature {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::Ed25519 => "ed25519",
        }
    }

    /// As stored; the table's CHECK leaves no other value.
    pub(crate) fn from_column(text: &str) -> Self {
        match text {
            "ed25519" => Self::Ed25519,
            _ => Self::HmacSha256,
        }
    }
}
