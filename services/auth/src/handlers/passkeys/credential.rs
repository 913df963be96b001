//! What browsers give: `PublicKeyCredential.toJSON()` (WebAuthn L3, 5.1.8).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, Type};

use crate::domain::webauthn::{Assertion, Registration};

/// Longest text of a member; keys and attestations are far shorter.
const LONGEST: usize = 64 * 1024;

/// Bytes as browsers write them: base64url without padding.
struct Base64Url(Vec<u8>);

/// A passkey that was made. Members that nobody looks at are not named.
#[derive(Deserialize)]
pub(crate) struct CreatedCredential {
    id: Base64Url,
    response: CreatedResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: Base64Url,
    attestation_object: Base64Url,
    #[serde(default)]
    transports: Vec<String>,
}

/// A passkey that signed.
#[derive(Deserialize)]
pub(crate) struct SignedCredential {
    id: Base64Url,
    response: SignedResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: Base64Url,
    authenticator_data: Base64Url,
    signature: Base64Url,
    user_handle: Option<Base64Url>,
}

impl CreatedCredential {
    /// What is to be checked, and how the device says it can be reached.
    pub(super) fn into_parts(self) -> (Registration, Vec<String>) {
        let registration = Registration {
            id: self.id.0,
            client_data: self.response.client_data.0,
            attestation: self.response.attestation_object.0,
        };
        (registration, self.response.transports)
    }
}

impl From<SignedCredential> for Assertion {
    fn from(credential: SignedCredential) -> Self {
        Self {
            id: credential.id.0,
            client_data: credential.response.client_data.0,
            authenticator_data: credential.response.authenticator_data.0,
            signature: credential.response.signature.0,
            user_handle: credential.response.user_handle.map(|handle| handle.0),
        }
    }
}

impl<'de> Deserialize<'de> for Base64Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD
            .decode(text)
            .map(Self)
            .map_err(|_| D::Error::custom("must be base64url without padding"))
    }
}

/// The schema of a passkey that was made.
pub(crate) fn created() -> Object {
    let transports = utoipa::openapi::schema::ArrayBuilder::new()
        .items(ObjectBuilder::new().schema_type(Type::String).max_length(Some(32)))
        .max_items(Some(16));
    credential(
        open()
            .property("attestationObject", text())
            .required("attestationObject")
            .property("transports", transports),
    )
}

/// The schema of a passkey that signed.
pub(crate) fn signed() -> Object {
    let handle = ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::String, Type::Null]))
        .max_length(Some(128));
    let response = open().property("authenticatorData", text()).required("authenticatorData");
    let response = response.property("signature", text()).required("signature");
    credential(response.property("userHandle", handle))
}

fn credential(response: ObjectBuilder) -> Object {
    let response = response.property("clientDataJSON", text()).required("clientDataJSON");
    open()
        .description(Some("What `PublicKeyCredential.toJSON()` gives."))
        .property("id", text())
        .required("id")
        .property("type", ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["public-key"])))
        .required("type")
        .property("response", response)
        .required("response")
        .build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LONGEST))
}

/// Browsers add members as the standard grows.
fn open() -> ObjectBuilder {
    ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(true)))
}
