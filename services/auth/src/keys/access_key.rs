//! An RSA key that signs access tokens.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, Jwk, KeyAlgorithm, PublicKeyUse, RSAKeyParameters, RSAKeyType,
};
use serde_json::json;
use witan_ids::KeyId;

use super::KeyError;

/// Kept parsed: reading PKCS#8 anew for each signature costs more than the signature's hash.
pub(super) struct AccessKey {
    header: String,
    pair: RsaKeyPair,
    jwk: Jwk,
}

impl AccessKey {
    /// A new key of 2048 bits as PKCS#8. Its randomness comes from the library: a reproducible key is no key.
    pub(super) fn generate() -> Result<Vec<u8>, KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Crypto("RSA generation"))?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Crypto("PKCS#8 encoding"))?;
        Ok(der.as_ref().to_vec())
    }

    pub(super) fn parse(id: KeyId, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Malformed(id))?;
        let header = json!({ "typ": "at+jwt", "alg": "RS256", "kid": id });
        let jwk = public_jwk(id, &pair);
        Ok(Self { header: URL_SAFE_NO_PAD.encode(header.to_string()), pair, jwk })
    }

    pub(super) fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The compact serialisation of RFC 7515 §3.1.
    pub(super) fn sign(&self, claims: &[u8]) -> Result<String, KeyError> {
        let mut token = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
            .map_err(|_| KeyError::Crypto("RS256"))?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

fn public_jwk(id: KeyId, pair: &RsaKeyPair) -> Jwk {
    let public = pair.public_key();
    let encode = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
    Jwk {
        common: CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(KeyAlgorithm::RS256),
            key_id: Some(id.to_string()),
            ..CommonParameters::default()
        },
        algorithm: AlgorithmParameters::RSA(RSAKeyParameters {
            key_type: RSAKeyType::RSA,
            n: encode(public.modulus().big_endian_without_leading_zero()),
            e: encode(public.exponent().big_endian_without_leading_zero()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
    use serde_json::Value;
    use witan_clock::ManualClock;

    use super::*;

    #[test]
    fn what_it_signs_its_jwk_verifies() {
        let id = KeyId::generate(&ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock());
        let key = AccessKey::parse(id, &AccessKey::generate().unwrap()).unwrap();
        let claims = json!({ "sub": "usr_x", "aud": ["auth"], "exp": 4_000_000_000_u64 });
        let token = key.sign(claims.to_string().as_bytes()).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&["auth"]);
        let verified =
            decode::<Value>(&token, &DecodingKey::from_jwk(key.jwk()).unwrap(), &validation).unwrap();
        assert_eq!(verified.claims, claims);
        assert_eq!(verified.header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(verified.header.kid, Some(id.to_string()));
    }

    #[test]
    fn the_jwk_has_no_private_member() {
        let id = KeyId::generate(&ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock());
        let key = AccessKey::parse(id, &AccessKey::generate().unwrap()).unwrap();
        let jwk = serde_json::to_value(key.jwk()).unwrap();
        let mut members: Vec<_> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    }

    #[test]
    fn other_bytes_are_no_key() {
        let id = KeyId::generate(&ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock());
        assert!(matches!(AccessKey::parse(id, &[1; 100]), Err(KeyError::Malformed(_))));
    }
}
