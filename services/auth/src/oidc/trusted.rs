//! Issuers whose tokens are as good as a log-in here.

use jsonwebtoken::dangerous::insecure_decode_claims;
use serde::Deserialize;
use witan_clock::Clock;
use witan_egress::Guarded;

use super::{OidcError, Provider, TokenKind};
use crate::config::TrustedIssuer;
use crate::domain::outsider::Outsider;

/// All of them.
pub(crate) struct TrustedIssuers(Vec<Trusted>);

struct Trusted {
    provider: Provider,
    audience: String,
    trusts_addresses: bool,
}

#[derive(Deserialize)]
struct Issued {
    iss: String,
}

impl TrustedIssuers {
    pub(crate) fn new(issuers: &[TrustedIssuer], egress: &Guarded, clock: &Clock) -> Self {
        let trusted = issuers.iter().map(|issuer| Trusted {
            provider: Provider::new(
                issuer.issuer.clone(),
                issuer.jwks_url.clone(),
                egress.clone(),
                clock.clone(),
            ),
            audience: issuer.audience.clone(),
            trusts_addresses: !issuer.require_email_verified,
        });
        Self(trusted.collect())
    }

    /// Whom a token speaks of.
    pub(crate) async fn recognise(&self, token: &str, kind: TokenKind) -> Result<Outsider, OidcError> {
        // Nothing is believed yet: this only says whose keys to look at.
        let claimed = insecure_decode_claims::<Issued>(token).map_err(|_| OidcError::Token("it is none"))?;
        let trusted = self.0.iter().find(|trusted| trusted.provider.issuer() == claimed.iss);
        let trusted = trusted.ok_or(OidcError::Token("its issuer is not trusted"))?;
        let claims = trusted.provider.verify(token, kind).await?;
        claims.check_audience(&trusted.audience)?;
        let access_token = (kind == TokenKind::Access && trusted.provider.has_discovery()).then_some(token);
        let person = trusted.provider.person(&claims, access_token).await?;
        Ok(claims.outsider(person, trusted.trusts_addresses))
    }
}
