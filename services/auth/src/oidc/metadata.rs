//! The discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414).

use serde::Deserialize;
use url::Url;

use super::OidcError;

/// What of it is needed.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: Option<Url>,
    pub(super) token_endpoint: Option<Url>,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) jwks_uri: Url,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// RFC 9207 section 3.
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

/// How the provider wants to be shown the client's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientAuth {
    /// In a header.
    Basic,
    /// In the form.
    Post,
}

impl Metadata {
    /// Where an issuer publishes it.
    pub(super) fn url(issuer: &str) -> Result<Url, OidcError> {
        let text = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        Url::parse(&text).map_err(OidcError::unavailable)
    }

    /// Whether it is the document of `issuer`, to the letter, and leads nowhere less protected.
    pub(super) fn check(self, issuer: &str) -> Result<Self, OidcError> {
        if self.issuer != issuer {
            return Err(OidcError::unavailable("its discovery document names another issuer"));
        }
        match self.is_protected(issuer.starts_with("http://")) {
            true => Ok(self),
            false => Err(OidcError::unavailable("its discovery document names an address without TLS")),
        }
    }

    fn is_protected(&self, plain: bool) -> bool {
        let endpoints = [&self.authorization_endpoint, &self.token_endpoint, &self.userinfo_endpoint];
        let mut all = endpoints.into_iter().flatten().chain([&self.jwks_uri]);
        all.all(|url| url.scheme() == "https" || plain && url.scheme() == "http")
    }

    /// What is said to be supported; without that, `client_secret_basic` is (section 3).
    pub(super) fn client_auth(&self) -> Result<ClientAuth, OidcError> {
        let Some(supported) = &self.token_endpoint_auth_methods_supported else {
            return Ok(ClientAuth::Basic);
        };
        let has = |name: &str| supported.iter().any(|method| method == name);
        match (has("client_secret_basic"), has("client_secret_post")) {
            (true, _) => Ok(ClientAuth::Basic),
            (false, true) => Ok(ClientAuth::Post),
            (false, false) => Err(OidcError::unavailable("it takes no client secret")),
        }
    }
}
