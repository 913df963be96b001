//! The authorization code flow with PKCE (OpenID Connect Core section 3.1, RFC 7636, RFC 9700).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::{Url, form_urlencoded};
use witan_egress::Outgoing;

use super::claims::TokenKind;
use super::metadata::{ClientAuth, Metadata};
use super::provider::{LONGEST_ANSWER, PEER, TIMEOUT};
use super::{OidcError, Provider};
use crate::domain::outsider::Outsider;
use crate::domain::sign_in::SignInSecret;

/// The provider that people sign in with, and what we are to it.
pub(crate) struct SignIn {
    pub(crate) provider: Provider,
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
    /// Separated by spaces; `openid` is one.
    pub(crate) scopes: String,
    /// Where it sends people back to.
    pub(crate) redirect_uri: String,
}

#[derive(Deserialize)]
struct Answer {
    id_token: String,
    access_token: Option<String>,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: String,
}

impl SignIn {
    /// Where a person goes to sign in.
    pub(crate) async fn authorization_url(&self, secret: &SignInSecret) -> Result<Url, OidcError> {
        let metadata = self.provider.metadata().await?;
        let mut url = endpoint(metadata.authorization_endpoint.as_ref())?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &self.scopes)
            .append_pair("state", &secret.state())
            .append_pair("nonce", &secret.nonce())
            .append_pair("code_challenge", &secret.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Whether the one who sent the person back is the one that they were sent to (RFC 9207 section 2.4).
    pub(crate) async fn check_sender(&self, issuer: Option<&str>) -> Result<(), OidcError> {
        let says_it = self.provider.metadata().await?.authorization_response_iss_parameter_supported;
        match issuer {
            Some(issuer) if issuer == self.provider.issuer() => Ok(()),
            None if !says_it => Ok(()),
            _ => Err(OidcError::Token("somebody else answered")),
        }
    }

    /// Who came back with the code.
    pub(crate) async fn redeem(&self, code: &str, secret: &SignInSecret) -> Result<Outsider, OidcError> {
        let metadata = self.provider.metadata().await?;
        let request = self.token_request(&metadata, code, secret)?;
        let answer = self.provider.egress.send(request).await.map_err(OidcError::unavailable)?;
        if !answer.status.is_success() {
            let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
            return Err(match refusal.error.as_str() {
                "invalid_grant" => OidcError::Code,
                _ => OidcError::unavailable(format!("status {} of its token endpoint", answer.status)),
            });
        }
        let answer: Answer = serde_json::from_slice(&answer.body).map_err(OidcError::unavailable)?;
        let claims = self.provider.verify(&answer.id_token, TokenKind::Id).await?;
        claims.check_sign_in(&self.client_id, &secret.nonce(), self.provider.clock.now())?;
        let person = self.provider.person(&claims, answer.access_token.as_deref()).await?;
        Ok(claims.outsider(person, false))
    }

    fn token_request(
        &self,
        metadata: &Metadata,
        code: &str,
        secret: &SignInSecret,
    ) -> Result<Outgoing, OidcError> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("code_verifier", &secret.verifier());
        let mut request = Outgoing::new(Method::POST, endpoint(metadata.token_endpoint.as_ref())?)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .timeout(TIMEOUT)
            .max_response_bytes(LONGEST_ANSWER)
            .peer(PEER);
        match metadata.client_auth()? {
            ClientAuth::Basic => request = request.header(AUTHORIZATION, self.basic()?),
            ClientAuth::Post => {
                form.append_pair("client_id", &self.client_id)
                    .append_pair("client_secret", self.client_secret.expose_secret());
            }
        }
        request.body = form.finish().into();
        Ok(request)
    }

    /// RFC 6749 section 2.3.1: both are encoded as in a form first.
    fn basic(&self) -> Result<HeaderValue, OidcError> {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encode(&self.client_id), encode(self.client_secret.expose_secret()));
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))
            .map_err(OidcError::unavailable)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

fn endpoint(url: Option<&Url>) -> Result<Url, OidcError> {
    url.cloned().ok_or_else(|| OidcError::unavailable("its discovery document lacks an endpoint"))
}
