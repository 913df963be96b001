//! A device with a passkey, and a browser that may lie about where it is.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) const DOMAIN: &str = "example.com";
pub(crate) const ORIGIN: &str = "https://example.com";
const PRESENT_AND_VERIFIED: u8 = 0x05;
const ATTESTED: u8 = 0x40;

/// A passkey on a device.
pub(crate) struct Device {
    pub(crate) id: Vec<u8>,
    pub(crate) user_handle: Vec<u8>,
    pub(crate) counter: u32,
    pair: EcdsaKeyPair,
}

/// Where a browser is, and what an authenticator says; honest until it is changed.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) origin: String,
    pub(crate) domain: String,
    pub(crate) flags: u8,
    pub(crate) kind: Option<&'static str>,
    pub(crate) challenge: Option<String>,
    pub(crate) cross_origin: bool,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            origin: ORIGIN.to_owned(),
            domain: DOMAIN.to_owned(),
            flags: PRESENT_AND_VERIFIED,
            kind: None,
            challenge: None,
            cross_origin: false,
        }
    }
}

impl Scene {
    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let asked = options["challenge"].as_str().unwrap().to_owned();
        let data = json!({
            "type": self.kind.unwrap_or(kind),
            "challenge": self.challenge.clone().unwrap_or(asked),
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
            "anotherMemberOfTheFuture": true,
        });
        serde_json::to_vec(&data).unwrap()
    }

    fn authenticator_data(&self, flags: u8, counter: u32) -> Vec<u8> {
        [&sha256(self.domain.as_bytes()), &[self.flags | flags][..], &counter.to_be_bytes()].concat()
    }
}

impl Device {
    /// Makes a passkey for the person that creation options name.
    pub(crate) fn new(options: &Value) -> Self {
        assert_eq!(options["rp"]["id"], DOMAIN);
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        assert!(options["pubKeyCredParams"].as_array().unwrap().iter().any(|one| one["alg"] == -7));
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = sha256(pair.public_key().as_ref());
        let user_handle = decode(options["user"]["id"].as_str().unwrap());
        Self { id, user_handle, counter: 1, pair }
    }

    /// What a browser gives after it was made.
    pub(crate) fn made(&self, options: &Value, scene: &Scene) -> Value {
        let point = self.pair.public_key().as_ref();
        let key: [&[u8]; 4] =
            [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", &point[1..33], b"\x22\x58\x20", &point[33..]];
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let mut data = scene.authenticator_data(ATTESTED, self.counter);
        data.extend([&[0; 16][..], &length, &self.id, &key.concat()].concat());
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let attestation =
            [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".as_slice(), &length, &data].concat();
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(&scene.client_data("webauthn.create", options)),
                "attestationObject": encode(&attestation),
                "authenticatorData": encode(&data),
                "publicKeyAlgorithm": -7,
                "transports": ["internal"],
            },
        })
    }

    /// What a browser gives after it signed.
    pub(crate) fn sign(&mut self, options: &Value, scene: &Scene) -> Value {
        self.counter += 1;
        let data = scene.authenticator_data(0, self.counter);
        let client_data = scene.client_data("webauthn.get", options);
        let message = [data.as_slice(), &sha256(&client_data)].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &message).unwrap();
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(&client_data),
                "authenticatorData": encode(&data),
                "signature": encode(signature.as_ref()),
                "userHandle": encode(&self.user_handle),
            },
        })
    }
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}
