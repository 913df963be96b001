//! What handlers and jobs can reach.

use std::sync::Arc;

use witan_access::{ApiKeys, CachedMemberships, Csrf, InternalKey, Revocations, Verifier};
use witan_clients::Peers;
use witan_clock::Clock;
use witan_kv::Kv;
use witan_pg::{Cipher, Pg};
use witan_web::Cursors;

use crate::breaches::Breaches;
use crate::config::AuthConfig;
use crate::domain::device::Devices;
use crate::hashing::Hasher;
use crate::images::Images;
use crate::keys::Keys;
use crate::oidc::{SignIn, TrustedIssuers};
use crate::templates::Templates;

/// One per service; clones are handles to the same things.
#[derive(Clone)]
pub struct App {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    /// Encrypts what is needed back.
    pub(crate) cipher: Cipher,
    pub(crate) config: Arc<AuthConfig>,
    /// `iss` of the tokens.
    pub(crate) issuer: Arc<str>,
    pub(crate) hasher: Hasher,
    pub(crate) images: Images,
    pub(crate) keys: Keys,
    pub(crate) templates: Arc<Templates>,
    pub(crate) cursors: Cursors,
    /// Who belongs where, for keys of workspaces.
    pub(crate) memberships: CachedMemberships,
    /// This process's own API keys, so that one that was revoked is refused here at once.
    pub(crate) api_keys: ApiKeys,
    /// This process's own list, so that a log-out holds here at once and not only when its event comes back.
    pub(crate) revocations: Revocations,
    /// Makes and checks what pages in browsers send back.
    pub(crate) csrf: Csrf,
    /// What this process verifies with.
    pub(crate) verifier: Verifier,
    /// Signs tokens for internal APIs.
    pub(crate) internal_key: InternalKey,
    /// What the other services know.
    pub(crate) peers: Arc<Peers>,
    /// Counters of failures.
    pub(crate) kv: Kv,
    /// Names accounts without naming them, and knows devices again.
    pub(crate) devices: Devices,
    /// The provider that people sign in with, if there is one.
    pub(crate) sign_in: Option<Arc<SignIn>>,
    /// Issuers whose tokens are taken for ours.
    pub(crate) trusted_issuers: Arc<TrustedIssuers>,
    /// Which passwords are known to attackers.
    pub(crate) breaches: Breaches,
}
