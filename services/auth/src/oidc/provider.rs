//! One provider.

use std::sync::Arc;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderValue, Method};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;
use witan_clock::Clock;
use witan_egress::{Guarded, Incoming, Outgoing};

use super::OidcError;
use super::claims::{Claims, Person, TokenKind};
use super::fetched::Fetched;
use super::keys::{ALGORITHMS, Published, select};
use super::metadata::Metadata;

/// Of one request to a provider; a person is waiting.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);
pub(super) const LONGEST_ANSWER: usize = 256 * 1024;
/// Longer ones are not read at all.
const LONGEST_TOKEN: usize = 16 * 1024;
pub(super) const PEER: &str = "identity-provider";

/// What it publishes, kept.
pub(crate) struct Provider {
    issuer: String,
    /// Where its keys are, if that is not for its discovery document to say.
    jwks_url: Option<Url>,
    pub(super) egress: Guarded,
    pub(super) clock: Clock,
    metadata: Fetched<Metadata>,
    keys: Fetched<Vec<Jwk>>,
}

impl Provider {
    pub(crate) fn new(issuer: String, jwks_url: Option<Url>, egress: Guarded, clock: Clock) -> Self {
        let (metadata, keys) = (Fetched::new(clock.clone()), Fetched::new(clock.clone()));
        Self { issuer, jwks_url, egress, clock, metadata, keys }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether it publishes more than its keys.
    pub(super) fn has_discovery(&self) -> bool {
        self.jwks_url.is_none()
    }

    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, OidcError> {
        let fetch = async {
            let document: Metadata = self.get(Metadata::url(&self.issuer)?).await?;
            document.check(&self.issuer)
        };
        self.metadata.get(|_| true, fetch).await
    }

    /// What a token says, if its signature, its issuer and its times hold.
    pub(super) async fn verify(&self, token: &str, kind: TokenKind) -> Result<Claims, OidcError> {
        if token.len() > LONGEST_TOKEN {
            return Err(OidcError::Token("it is too long"));
        }
        let header = decode_header(token).map_err(|_| OidcError::Token("it is none"))?;
        kind.check(&header)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(OidcError::Token("its algorithm is not accepted"));
        }
        let (kid, algorithm) = (header.kid.as_deref(), header.alg);
        let suits = |keys: &Vec<Jwk>| select(keys, kid, algorithm).is_some();
        let keys = self.keys.get(suits, self.fetch_keys()).await?;
        let key = select(&keys, kid, algorithm).ok_or(OidcError::Token("its key is not known"))?;
        let key = DecodingKey::from_jwk(key).map_err(|_| OidcError::Token("its key is none"))?;
        let mut rules = Validation::new(algorithm);
        // Time comes from the clock that was handed in; the rest is looked at below and by who asks.
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        let decoded = decode::<Claims>(token, &key, &rules);
        let claims = decoded.map_err(|_| OidcError::Token("its signature or its content is wrong"))?.claims;
        claims.check(&self.issuer, self.clock.now())?;
        Ok(claims)
    }

    /// What the token says of its person, or, where it keeps their address to itself, the provider does when it is
    /// shown its access token.
    pub(super) async fn person(
        &self,
        claims: &Claims,
        access_token: Option<&str>,
    ) -> Result<Person, OidcError> {
        #[derive(Deserialize)]
        struct UserInfo {
            sub: String,
            #[serde(flatten)]
            person: Person,
        }
        let told = claims.person.clone();
        let (None, Some(access_token)) = (&told.email, access_token) else { return Ok(told) };
        let Some(url) = self.metadata().await?.userinfo_endpoint.clone() else { return Ok(told) };
        let answer = self.ask(url, Some(access_token)).await?;
        // It says nothing to such a token (RFC 6750 section 3.1), however often it is asked.
        if matches!(answer.status.as_u16(), 401 | 403) {
            return Ok(told);
        }
        let info: UserInfo = read(&answer)?;
        // OpenID Connect Core section 5.3.4: otherwise a token of one person could bring the address of another.
        if info.sub != claims.subject() {
            return Err(OidcError::Token("the provider speaks of somebody else"));
        }
        Ok(info.person)
    }

    async fn fetch_keys(&self) -> Result<Vec<Jwk>, OidcError> {
        let url = match &self.jwks_url {
            Some(url) => url.clone(),
            None => self.metadata().await?.jwks_uri.clone(),
        };
        let published: Published = self.get(url).await?;
        Ok(published.usable())
    }

    async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, OidcError> {
        read(&self.ask(url, None).await?)
    }

    async fn ask(&self, url: Url, bearer: Option<&str>) -> Result<Incoming, OidcError> {
        let mut request =
            Outgoing::new(Method::GET, url).timeout(TIMEOUT).max_response_bytes(LONGEST_ANSWER).peer(PEER);
        if let Some(token) = bearer {
            let mut value =
                HeaderValue::try_from(format!("Bearer {token}")).map_err(OidcError::unavailable)?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        self.egress.send(request).await.map_err(OidcError::unavailable)
    }
}

fn read<T: DeserializeOwned>(answer: &Incoming) -> Result<T, OidcError> {
    if !answer.status.is_success() || answer.truncated {
        return Err(OidcError::unavailable(format!("status {}", answer.status)));
    }
    serde_json::from_slice(&answer.body).map_err(OidcError::unavailable)
}
