//! What browsers are asked: the JSON forms of WebAuthn L3, 5.4 and 5.5.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::challenge::{Challenge, LASTS};
use crate::domain::webauthn::{ALGORITHMS, RelyingParty};
use crate::store::passkeys::PasskeyRow;
use crate::store::users::User;

const PARTY: &str = "Witan";
const KIND: &str = "public-key";
const REQUIRED: &str = "required";

/// Pass it to `PublicKeyCredential.parseCreationOptionsFromJSON()`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreationOptions {
    rp: Party,
    user: PasskeyUser,
    /// What the passkey is to answer, once and within five minutes.
    challenge: String,
    pub_key_cred_params: Vec<Parameter>,
    /// Milliseconds.
    timeout: i64,
    exclude_credentials: Vec<Descriptor>,
    authenticator_selection: Selection,
    #[schema(example = "none")]
    attestation: &'static str,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Party {
    #[schema(example = "example.org")]
    id: String,
    #[schema(example = "Witan")]
    name: &'static str,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasskeyUser {
    id: String,
    #[schema(example = "ada@example.org")]
    name: String,
    display_name: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Parameter {
    #[serde(rename = "type")]
    #[schema(example = "public-key")]
    kind: &'static str,
    #[schema(example = -7)]
    alg: i64,
}

/// A passkey that the browser may know.
#[derive(Serialize, ToSchema)]
pub(crate) struct Descriptor {
    #[serde(rename = "type")]
    #[schema(example = "public-key")]
    kind: &'static str,
    id: String,
    transports: Vec<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Selection {
    #[schema(example = "required")]
    resident_key: &'static str,
    require_resident_key: bool,
    #[schema(example = "required")]
    user_verification: &'static str,
}

/// Pass it to `PublicKeyCredential.parseRequestOptionsFromJSON()`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestOptions {
    /// What the passkey is to answer, once and within five minutes.
    challenge: String,
    /// Milliseconds.
    timeout: i64,
    #[schema(example = "example.org")]
    rp_id: String,
    /// The passkeys that may answer; any that the device knows, if empty.
    allow_credentials: Vec<Descriptor>,
    #[schema(example = "required")]
    user_verification: &'static str,
}

impl CreationOptions {
    pub(super) fn new(
        party: &RelyingParty,
        user: &User,
        challenge: &Challenge,
        known: &[PasskeyRow],
    ) -> Self {
        Self {
            rp: Party { id: party.id.clone(), name: PARTY },
            user: PasskeyUser {
                id: URL_SAFE_NO_PAD.encode(user.id.uuid().as_bytes()),
                name: user.email.clone(),
                display_name: user.name.clone(),
            },
            challenge: challenge.text(),
            pub_key_cred_params: ALGORITHMS.into_iter().map(|alg| Parameter { kind: KIND, alg }).collect(),
            timeout: LASTS.num_milliseconds(),
            exclude_credentials: known.iter().map(Descriptor::of).collect(),
            authenticator_selection: Selection {
                resident_key: REQUIRED,
                require_resident_key: true,
                user_verification: REQUIRED,
            },
            attestation: "none",
        }
    }
}

impl RequestOptions {
    pub(crate) fn new(party: &RelyingParty, challenge: &Challenge, allowed: &[PasskeyRow]) -> Self {
        Self {
            challenge: challenge.text(),
            timeout: LASTS.num_milliseconds(),
            rp_id: party.id.clone(),
            allow_credentials: allowed.iter().map(Descriptor::of).collect(),
            user_verification: REQUIRED,
        }
    }
}

impl Descriptor {
    fn of(row: &PasskeyRow) -> Self {
        let id = URL_SAFE_NO_PAD.encode(&row.credential_id);
        Self { kind: KIND, id, transports: row.transports.clone() }
    }
}

/// 200, and nobody keeps it.
pub(crate) fn answer(options: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(options)
}
