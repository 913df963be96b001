//! Issuers whose tokens are as good as a log-in here.

use witan_access::claimed_issuer;
use witan_clock::Clock;
use witan_egress::Guarded;

use super::claims::Claims;
use super::{OidcError, Provider, TokenKind};
use crate::config::TrustedIssuer;
use crate::domain::outside_token::OutsideToken;
use crate::domain::outsider::Outsider;

/// All of them.
pub(crate) struct TrustedIssuers(Vec<Trusted>);

struct Trusted {
    provider: Provider,
    audience: String,
    trusts_addresses: bool,
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

    /// Their names.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(|trusted| trusted.provider.issuer().to_owned()).collect()
    }

    /// Whether a token says that it is of one of them.
    pub(crate) fn are_claimed_by(&self, token: &str) -> bool {
        claimed_issuer(token).is_some_and(|issuer| self.find(&issuer).is_some())
    }

    /// The token, if its signature, its issuer, its audience and its times hold.
    pub(crate) async fn verify<'a>(
        &'a self,
        token: &'a str,
        kind: TokenKind,
    ) -> Result<Vouched<'a>, OidcError> {
        // Nothing is believed yet: this only says whose keys to look at.
        let issuer = claimed_issuer(token).ok_or(OidcError::Token("it is none"))?;
        let trusted = self.find(&issuer).ok_or(OidcError::Token("its issuer is not trusted"))?;
        let claims = trusted.provider.verify(token, kind).await?;
        claims.check_audience(&trusted.audience)?;
        let access_token = (kind == TokenKind::Access && trusted.provider.has_discovery()).then_some(token);
        Ok(Vouched { trusted, claims, access_token })
    }

    fn find(&self, issuer: &str) -> Option<&Trusted> {
        self.0.iter().find(|trusted| trusted.provider.issuer() == issuer)
    }
}

/// A token that holds.
pub(crate) struct Vouched<'a> {
    trusted: &'a Trusted,
    claims: Claims,
    /// What the provider is shown where the token keeps its person's address to itself.
    access_token: Option<&'a str>,
}

impl Vouched<'_> {
    /// What it says of itself.
    pub(crate) fn token(&self) -> Result<OutsideToken, OidcError> {
        self.claims.outside_token()
    }

    /// Whom it speaks of, by issuer and subject alone, which costs nothing.
    pub(crate) fn subject(&self) -> Outsider {
        Outsider {
            issuer: self.trusted.provider.issuer().to_owned(),
            subject: self.claims.subject().to_owned(),
            proved_email: None,
            name: None,
            issued_at: self.claims.issued_at(),
        }
    }

    /// Whom it speaks of, with all that the provider says of them.
    pub(crate) async fn person(self) -> Result<Outsider, OidcError> {
        let Trusted { provider, trusts_addresses, .. } = self.trusted;
        let (person, issued_at) =
            (provider.person(&self.claims, self.access_token).await?, self.claims.issued_at());
        Ok(Outsider { issued_at, ..self.claims.outsider(person, *trusts_addresses) })
    }
}
