//! Whom passkeys are for.

use url::{Host, Url};
use witan_config::Reader;

use super::PUBLIC_URL;
use crate::domain::webauthn::RelyingParty;

const NAME: &str = "AUTH_PASSKEY_DOMAIN";
/// Browsers know no passkeys of bare addresses, and take this name for a secure context.
const LOCALHOST: &str = "localhost";

/// The domain is the setting, or the host of the public URL. Pages of it and of its subdomains may use passkeys, if they
/// are the product's: the public URL's, and the allowed origins'.
pub(super) fn read(r: &mut Reader<'_>) -> Option<RelyingParty> {
    let public = r.url_or_dev("WITAN_PUBLIC_URL", PUBLIC_URL)?;
    let others: Vec<Url> = r.list("WITAN_ALLOWED_ORIGINS")?;
    let id = match r.optional::<String>(NAME)? {
        Some(domain) => domain.to_ascii_lowercase(),
        None => domain_of(&public),
    };
    if !matches!(Host::parse(&id), Ok(Host::Domain(host)) if host == id) {
        return r.mistake(NAME, "must be a domain such as `example.org`");
    }
    let named = |url: &Url| url.host_str().is_some_and(|host| covers(&id, host));
    let mut origins: Vec<String> = [&public]
        .into_iter()
        .chain(&others)
        .filter(|url| named(url))
        .map(|url| url.origin().ascii_serialization())
        .collect();
    if id == LOCALHOST && origins.is_empty() {
        let mut local = public;
        local.set_host(Some(LOCALHOST)).ok()?;
        origins.push(local.origin().ascii_serialization());
    }
    if origins.is_empty() {
        return r.mistake(NAME, "must be a domain of WITAN_PUBLIC_URL or of an allowed origin");
    }
    Some(RelyingParty { id, origins })
}

fn domain_of(public: &Url) -> String {
    match public.host() {
        Some(Host::Domain(domain)) => domain.to_owned(),
        _ => LOCALHOST.to_owned(),
    }
}

/// Whether `host` is the domain or within it.
fn covers(domain: &str, host: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use witan_config::{Env, Mistakes};

    use super::*;

    fn party(settings: &[(&'static str, &'static str)]) -> Result<RelyingParty, Mistakes> {
        let env = settings.iter().fold(Env::default(), |env, (name, value)| env.with(*name, *value));
        let mut reader = Reader::new(&env);
        let party = read(&mut reader);
        reader.finish(|| party)
    }

    #[test]
    fn an_address_of_development_stands_for_localhost() {
        let party = party(&[]).unwrap();
        assert_eq!((party.id.as_str(), party.origins), (LOCALHOST, vec!["http://localhost:8080".to_owned()]));
    }

    #[test]
    fn pages_of_the_domain_are_let_in_and_of_those_that_end_alike_are_not() {
        let party = party(&[
            ("WITAN_PUBLIC_URL", "https://api.example.com"),
            (
                "WITAN_ALLOWED_ORIGINS",
                "https://example.com,https://badexample.com,https://app.example.com:8443",
            ),
            ("AUTH_PASSKEY_DOMAIN", "Example.com"),
        ]);
        let party = party.unwrap();
        assert_eq!(party.id, "example.com");
        let expected = ["https://api.example.com", "https://example.com", "https://app.example.com:8443"];
        assert_eq!(party.origins, expected);
    }

    #[test]
    fn a_domain_of_somebody_else_and_what_is_none_are_mistakes() {
        for domain in ["example.org", "https://example.com", "127.0.0.1", "com/x"] {
            let mistakes =
                party(&[("WITAN_PUBLIC_URL", "https://example.com"), ("AUTH_PASSKEY_DOMAIN", domain)]);
            assert_eq!(mistakes.unwrap_err().names(), [NAME], "{domain}");
        }
    }
}
