use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::DateTime;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, Header, Validation};
use moka::future::Cache;
use witan_clock::Clock;

use crate::keys::Keys;
use crate::{AccessError, Claims, Credential, Denial, KeySource, Principal, Revocations, TOKEN_TYPE};

/// How far the clocks of two machines may be apart.
const SKEW: Duration = Duration::from_secs(5);
/// Longer ones are not read at all.
const MAX_TOKEN_BYTES: usize = 4096;
/// How many verified tokens are remembered.
const REMEMBERED: u64 = 20_000;
/// How long one is remembered; its own end is looked at each time.
const REMEMBERED_FOR: Duration = Duration::from_secs(15 * 60);

/// Verifies access tokens: RS256 only, of one issuer, for one service. Clones share their caches.
///
/// A signature is checked once per token; expiry and revocation are checked on every request, in memory.
#[derive(Clone)]
pub struct Verifier {
    keys: Arc<Keys>,
    rules: Arc<Validation>,
    revocations: Revocations,
    verified: Cache<[u8; 32], Verified>,
    clock: Clock,
}

#[derive(Clone)]
struct Verified {
    principal: Arc<Principal>,
    withdrawals: u64,
}

impl Verifier {
    /// Accepts tokens of `issuer` for `audience`.
    pub fn new(
        issuer: &str,
        audience: &str,
        keys: Arc<dyn KeySource>,
        revocations: Revocations,
        clock: Clock,
    ) -> Self {
        let mut rules = Validation::new(Algorithm::RS256);
        // Time comes from the clock that was handed in.
        rules.validate_exp = false;
        rules.set_issuer(&[issuer]);
        rules.set_audience(&[audience]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        let verified = Cache::builder().max_capacity(REMEMBERED).time_to_live(REMEMBERED_FOR).build();
        Self { keys: Arc::new(Keys::new(keys)), rules: Arc::new(rules), revocations, verified, clock }
    }

    /// The sessions that were ended early.
    pub fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// Forgets the keys and what they verified, because one was withdrawn. The next token asks for them.
    pub fn forget_keys(&self) {
        self.keys.forget();
    }

    /// The same, and asks for them at once.
    pub async fn renew_keys(&self) {
        self.keys.forget();
        if let Err(error) = self.keys.refresh().await {
            tracing::warn!(%error, "the signing keys are fetched with the next token");
        }
    }

    /// Who the token stands for.
    ///
    /// # Errors
    /// When it does not hold, or when its key is not known and whoever knows does not answer.
    pub async fn verify(&self, token: &str) -> Result<Arc<Principal>, AccessError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Denial::Malformed.into());
        }
        let principal = self.authentic(token).await?;
        if principal.expires_at <= self.clock.now() {
            return Err(Denial::Expired.into());
        }
        if principal.session_id().is_some_and(|session| self.revocations.is_revoked(session)) {
            return Err(Denial::Revoked.into());
        }
        Ok(principal)
    }

    async fn authentic(&self, token: &str) -> Result<Arc<Principal>, AccessError> {
        let hash = hash(token);
        let withdrawals = self.keys.withdrawals();
        if let Some(known) = self.verified.get(&hash).await
            && known.withdrawals == withdrawals
        {
            return Ok(known.principal);
        }
        let principal = Arc::new(self.check(token).await?);
        self.verified.insert(hash, Verified { principal: principal.clone(), withdrawals }).await;
        Ok(principal)
    }

    async fn check(&self, token: &str) -> Result<Principal, AccessError> {
        let header = jsonwebtoken::decode_header(token).map_err(Denial::from)?;
        let kid = header.kid.as_deref().filter(|_| is_access_token(&header)).ok_or(Denial::Kind)?;
        let key = self.keys.find(kid).await?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &self.rules).map_err(Denial::from)?.claims;
        let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or(Denial::Malformed)?;
        if claims.nbf > self.clock.now().timestamp().saturating_add(SKEW.as_secs() as i64) {
            return Err(Denial::NotYet.into());
        }
        Ok(Principal {
            user_id: claims.sub,
            credential: Credential::Session(claims.sid),
            default_workspace: claims.wid,
            expires_at,
            authenticated_at: DateTime::from_timestamp(claims.auth_time, 0).ok_or(Denial::Malformed)?,
            methods: claims.amr,
            platform_admin: claims.adm,
        })
    }
}

/// RFC 9068 section 4: the type keeps other tokens of the same issuer out. No critical extension is understood
/// (RFC 7515 section 4.1.11).
fn is_access_token(header: &Header) -> bool {
    let typed = header.typ.as_deref().is_some_and(|typ| {
        typ.eq_ignore_ascii_case(TOKEN_TYPE) || typ.eq_ignore_ascii_case("application/at+jwt")
    });
    typed && header.alg == Algorithm::RS256 && header.crit.is_none()
}

/// Names a token without being one.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}

impl From<Error> for Denial {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::InvalidIssuer => Self::Issuer,
            ErrorKind::InvalidAudience => Self::Audience,
            ErrorKind::InvalidAlgorithm
            | ErrorKind::InvalidAlgorithmName
            | ErrorKind::UnsupportedAlgorithm
            | ErrorKind::MissingAlgorithm => Self::Kind,
            _ => Self::Malformed,
        }
    }
}
