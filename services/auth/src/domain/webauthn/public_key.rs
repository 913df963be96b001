//! The keys of passkeys, as COSE writes them (RFC 9053).

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

use super::WebauthnError;
use super::cbor::Item;

/// Preferred first: ES256, EdDSA, RS256 (WebAuthn L3, 5.4).
pub const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];
const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// Labels of COSE key parameters, and the values that go with the algorithms.
const KTY: i64 = 1;
const ALG: i64 = 3;
const OKP: i64 = 1;
const EC2: i64 = 2;
const RSA: i64 = 3;
const P256: i64 = 1;
const ED25519_CURVE: i64 = 6;
const COORDINATE: usize = 32;

/// A key that verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// An uncompressed point.
    Es256(Vec<u8>),
    Ed25519(Vec<u8>),
    Rs256 {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl PublicKey {
    pub(super) fn parse(cose: &[u8]) -> Result<Self, WebauthnError> {
        let map = Item::whole(cose).ok_or(WebauthnError::PublicKey)?;
        Self::of(&map).ok_or(WebauthnError::PublicKey)
    }

    fn of(map: &Item<'_>) -> Option<Self> {
        let integer = |label| map.by_label(label)?.integer();
        let bytes = |label| map.by_label(label)?.bytes();
        let coordinate = |label| bytes(label).filter(|bytes| bytes.len() == COORDINATE);
        match (integer(ALG)?, integer(KTY)?) {
            (ES256, EC2) if integer(-1)? == P256 => {
                Some(Self::Es256([&[4], coordinate(-2)?, coordinate(-3)?].concat()))
            }
            (EDDSA, OKP) if integer(-1)? == ED25519_CURVE => Some(Self::Ed25519(coordinate(-2)?.to_vec())),
            (RS256, RSA) => Some(Self::Rs256 { n: bytes(-1)?.to_vec(), e: bytes(-2)?.to_vec() }),
            _ => None,
        }
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), WebauthnError> {
        let verified = match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Self::Rs256 { n, e } => {
                PublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
        };
        verified.map_err(|_| WebauthnError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
        RsaKeyPair,
    };

    use super::*;

    fn bytes(bytes: &[u8]) -> Vec<u8> {
        let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
        [&[0x59], length.as_slice(), bytes].concat()
    }

    fn verifies(cose: &[u8], signature: &[u8]) {
        let key = PublicKey::parse(cose).unwrap();
        assert_eq!(key.verify(b"message", signature), Ok(()));
        assert_eq!(key.verify(b"massage", signature), Err(WebauthnError::Signature));
        assert_eq!(key.verify(b"message", &signature[1..]), Err(WebauthnError::Signature));
    }

    #[test]
    fn es256() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = (bytes(&point[1..33]), bytes(&point[33..]));
        let cose = [b"\xa5\x01\x02\x03\x26\x20\x01\x21".as_slice(), &x, b"\x22", &y].concat();
        verifies(&cose, pair.sign(&SystemRandom::new(), b"message").unwrap().as_ref());
    }

    #[test]
    fn eddsa() {
        let pair = Ed25519KeyPair::generate().unwrap();
        let x = bytes(pair.public_key().as_ref());
        let cose = [b"\xa4\x01\x01\x03\x27\x20\x06\x21".as_slice(), &x].concat();
        verifies(&cose, pair.sign(b"message").as_ref());
    }

    #[test]
    fn rs256() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let n = bytes(pair.public_key().modulus().big_endian_without_leading_zero());
        let e = bytes(pair.public_key().exponent().big_endian_without_leading_zero());
        let cose = [b"\xa4\x01\x03\x03\x39\x01\x00\x20".as_slice(), &n, b"\x21", &e].concat();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"message", &mut signature).unwrap();
        verifies(&cose, &signature);
    }

    #[test]
    fn other_algorithms_curves_and_lengths_are_refused() {
        let x = bytes(&[1; 32]);
        let short = bytes(&[1; 31]);
        let keys = [
            [b"\xa5\x01\x02\x03\x26\x20\x02\x21".as_slice(), &x, b"\x22", &x].concat(),
            [b"\xa5\x01\x02\x03\x26\x20\x01\x21".as_slice(), &short, b"\x22", &x].concat(),
            [b"\xa5\x01\x01\x03\x26\x20\x01\x21".as_slice(), &x, b"\x22", &x].concat(),
            [b"\xa4\x01\x02\x03\x26\x20\x01\x21".as_slice(), &x].concat(),
            b"\xa0".to_vec(),
            Vec::new(),
        ];
        for key in keys {
            assert_eq!(PublicKey::parse(&key), Err(WebauthnError::PublicKey), "{key:02x?}");
        }
    }
}
