use aws_lc_rs::hmac;
use witan_ids::SessionId;

/// Makes and checks the tokens that a page sends along with what its cookies allow.
///
/// A token is a MAC of the session: no page of another site can read or guess it, one that was planted for another
/// session is worth nothing, and nothing is stored.
#[derive(Clone)]
pub struct Csrf(hmac::Key);

impl Csrf {
    /// Keeps its tokens apart from everything else that is signed with the same secret.
    const PURPOSE: &'static [u8] = b"witan csrf 1";

    pub(crate) fn derive(secret: &[u8]) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
        Self(hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&root, Self::PURPOSE).as_ref()))
    }

    /// The token of a session, in hexadecimal.
    pub fn token(&self, session: SessionId) -> String {
        let mac = hmac::sign(&self.0, session.uuid().as_bytes());
        hex::encode(mac)
    }

    /// Whether `token` is that of the session, in a time that does not tell how much of it is right.
    pub fn verify(&self, session: SessionId, token: &str) -> bool {
        let mac = crate::api_key::decode::<32>(token);
        mac.is_some_and(|mac| hmac::verify(&self.0, session.uuid().as_bytes(), &mac).is_ok())
    }
}

impl std::fmt::Debug for Csrf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Csrf(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use witan_clock::Clock;

    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_session_and_made_with_our_key() {
        let clock = Clock::system();
        let (ours, theirs) = (Csrf::derive(b"ours"), Csrf::derive(b"theirs"));
        let (session, other) = (SessionId::generate(&clock), SessionId::generate(&clock));
        let token = ours.token(session);
        assert!(ours.verify(session, &token));
        assert!(!ours.verify(other, &token));
        assert!(!theirs.verify(session, &token));
        for wrong in ["", &token[1..], &token.to_uppercase().replace(char::is_numeric, "Z")] {
            assert!(!ours.verify(session, wrong));
        }
    }
}
