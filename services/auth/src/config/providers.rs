//! Settings of other identity providers.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use witan_config::Reader;

const SCOPES: &str = "openid email profile";

/// The provider that people sign in with.
pub struct OidcConfig {
    /// Its issuer, to the letter.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Proves that it is us.
    pub client_secret: SecretString,
    /// What is asked for, separated by spaces.
    pub scopes: String,
}

/// An issuer whose tokens are taken for ours.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustedIssuer {
    /// Its name, to the letter.
    pub issuer: String,
    /// Whom its tokens must be meant for.
    pub audience: String,
    /// Where its keys are, if it has no discovery document.
    pub jwks_url: Option<Url>,
    /// Whether an address counts only when a token says that it is proved. Without it, also when it says nothing.
    #[serde(default = "yes")]
    pub require_email_verified: bool,
}

fn yes() -> bool {
    true
}

/// None when no issuer is set.
pub(super) fn read_oidc(r: &mut Reader<'_>) -> Option<Option<OidcConfig>> {
    const NAME: &str = "AUTH_OIDC_ISSUER";
    let issuer: Option<String> = r.optional(NAME)?;
    let scopes = r.or("AUTH_OIDC_SCOPES", SCOPES.to_owned())?;
    let Some(issuer) = issuer else { return Some(None) };
    let client_id = r.required("AUTH_OIDC_CLIENT_ID");
    let client_secret = r.secret("AUTH_OIDC_CLIENT_SECRET");
    if let Err(why) = check_issuer(&issuer, r.environment().is_production()) {
        return r.mistake(NAME, why);
    }
    if !scopes.split(' ').any(|scope| scope == "openid") {
        return r.mistake("AUTH_OIDC_SCOPES", "must hold `openid`");
    }
    Some(Some(OidcConfig { issuer, client_id: client_id?, client_secret: client_secret?, scopes }))
}

pub(super) fn read_trusted(r: &mut Reader<'_>) -> Option<Vec<TrustedIssuer>> {
    const NAME: &str = "AUTH_TRUSTED_ISSUERS";
    let text = r.or(NAME, "[]".to_owned())?;
    let issuers: Vec<TrustedIssuer> = match serde_json::from_str(&text) {
        Ok(issuers) => issuers,
        Err(error) => return r.mistake(NAME, format!("must be a JSON list: {error}")),
    };
    let production = r.environment().is_production();
    for issuer in &issuers {
        if let Err(why) = check_issuer(&issuer.issuer, production) {
            return r.mistake(NAME, format!("{}: {why}", issuer.issuer));
        }
        if issuer.audience.is_empty() {
            return r.mistake(NAME, format!("{}: needs an audience", issuer.issuer));
        }
    }
    let repeated = |(at, issuer): (usize, &TrustedIssuer)| {
        issuers.iter().take(at).any(|other| other.issuer == issuer.issuer)
    };
    match issuers.iter().enumerate().any(repeated) {
        true => r.mistake(NAME, "names an issuer twice"),
        false => Some(issuers),
    }
}

/// OpenID Connect Core section 2: a URL without query and fragment.
fn check_issuer(issuer: &str, production: bool) -> Result<(), &'static str> {
    let Ok(url) = Url::parse(issuer) else { return Err("must be a URL") };
    let scheme = matches!((url.scheme(), production), ("https", _) | ("http", false));
    let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    match (scheme, bare) {
        (false, _) => Err("must be an https address"),
        (true, false) => Err("must be an address without query, fragment and user"),
        (true, true) => Ok(()),
    }
}
