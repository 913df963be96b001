//! Programs that may ask for tokens of internal APIs.

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

const DIGEST: usize = 32;

/// The programs that the settings name.
#[derive(Clone, Default)]
pub struct ServiceClients(HashMap<String, ServiceClient>);

#[derive(Clone)]
struct ServiceClient {
    secret: [u8; DIGEST],
    audiences: Vec<String>,
}

/// The settings do not name programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be like `reporter:<SHA-256 of its secret in hex>:chat+billing`, separated by commas")]
pub struct Malformed;

/// Why a program gets no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such program, or that is not its secret.
    #[error("the client is unknown or its secret is wrong")]
    Client,
    /// It may not ask this service.
    #[error("the client may not ask this service")]
    Audience,
}

impl ServiceClients {
    /// Reads `id:digest:audience+audience` entries.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(entries: &[String]) -> Result<Self, Malformed> {
        let mut clients = HashMap::new();
        for entry in entries {
            let mut parts = entry.split(':');
            let (Some(id), Some(secret), Some(audiences), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                return Err(Malformed);
            };
            let is_name = |text: &str| {
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            };
            let audiences: Vec<String> = audiences.split('+').map(str::to_owned).collect();
            if !is_name(id) || !audiences.iter().all(|audience| is_name(audience)) {
                return Err(Malformed);
            }
            let client = ServiceClient { secret: unhex(secret).ok_or(Malformed)?, audiences };
            if clients.insert(id.to_owned(), client).is_some() {
                return Err(Malformed);
            }
        }
        Ok(Self(clients))
    }

    /// Whether the program may ask `audience`. An unknown one costs the same comparison.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn check(&self, id: &str, secret: &str, audience: &str) -> Result<(), Refusal> {
        let client = self.0.get(id);
        let stored = client.map_or([0; DIGEST], |client| client.secret);
        let shown = digest(&SHA256, secret.as_bytes());
        let matches = verify_slices_are_equal(shown.as_ref(), &stored).is_ok();
        let client = client.filter(|_| matches).ok_or(Refusal::Client)?;
        if client.audiences.iter().any(|known| known == audience) { Ok(()) } else { Err(Refusal::Audience) }
    }
}

impl fmt::Debug for ServiceClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

fn unhex(text: &str) -> Option<[u8; DIGEST]> {
    if text.len() != 2 * DIGEST || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; DIGEST];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of `secret`.
    const DIGEST_OF_SECRET: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    fn clients(entry: &str) -> Result<ServiceClients, Malformed> {
        ServiceClients::parse(&[entry.to_owned()])
    }

    #[test]
    fn a_client_asks_the_services_it_was_given_with_its_own_secret() {
        let clients = clients(&format!("reporter:{DIGEST_OF_SECRET}:chat+billing")).unwrap();
        assert_eq!(clients.check("reporter", "secret", "billing"), Ok(()));
        assert_eq!(clients.check("reporter", "secret", "auth"), Err(Refusal::Audience));
        assert_eq!(clients.check("reporter", "Secret", "chat"), Err(Refusal::Client));
        assert_eq!(clients.check("stranger", "secret", "chat"), Err(Refusal::Client));
        assert_eq!(clients.check("stranger", "", "chat"), Err(Refusal::Client));
    }

    #[test]
    fn what_names_no_client_is_refused() {
        for entry in [
            "reporter",
            "reporter:secret:chat",
            &format!("reporter:{DIGEST_OF_SECRET}"),
            &format!("reporter:{DIGEST_OF_SECRET}:"),
            &format!(":{DIGEST_OF_SECRET}:chat"),
            &format!("re porter:{DIGEST_OF_SECRET}:chat"),
            &format!("reporter:{DIGEST_OF_SECRET}:chat:more"),
        ] {
            assert!(clients(entry).is_err(), "{entry}");
        }
        let entry = format!("reporter:{DIGEST_OF_SECRET}:chat");
        assert!(ServiceClients::parse(&[entry.clone(), entry]).is_err(), "twice");
    }
}
