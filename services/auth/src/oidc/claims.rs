//! What tokens of other providers say, and what must hold of them.

use chrono::{DateTime, Utc};
use jsonwebtoken::Header;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::OidcError;
use crate::domain::email::EmailAddress;
use crate::domain::outside_token::OutsideToken;
use crate::domain::outsider::Outsider;
use crate::domain::sign_in::LASTS;

/// How far the clocks of two parties may be apart, in seconds.
const SKEW: i64 = 60;
/// OpenID Connect Core section 2.
const LONGEST_SUBJECT: usize = 255;
/// What issuers call a session.
const LONGEST_SESSION: usize = 255;

/// Which token it is meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// It says who somebody is.
    Id,
    /// It opens an API.
    Access,
}

impl TokenKind {
    /// The type keeps tokens out that were made for something else, such as a log-out (RFC 8725 section 3.11). No
    /// critical extension is understood.
    pub(super) fn check(self, header: &Header) -> Result<(), OidcError> {
        let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
        let known = match typ.as_deref() {
            None | Some("jwt") => true,
            Some("at+jwt" | "application/at+jwt") => self == Self::Access,
            Some(_) => false,
        };
        if known && header.crit.is_none() { Ok(()) } else { Err(OidcError::Token("it is of another kind")) }
    }
}

/// The claims that count here. A claim that is there twice is refused in reading.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    nonce: Option<String>,
    /// What the issuer calls its session; Supabase calls the claim `session_id`.
    sid: Option<Value>,
    session_id: Option<Value>,
    auth_time: Option<Value>,
    #[serde(flatten)]
    pub(super) person: Person,
}

/// What is said of the person, in a token or by the user info endpoint.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Person {
    pub(super) email: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    email_verified: Option<bool>,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

/// Some providers write it as a text.
fn flag<'de, D: Deserializer<'de>>(value: D) -> Result<Option<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Flag {
        Bool(bool),
        Text(String),
    }
    Ok(Option::<Flag>::deserialize(value)?.map(|flag| match flag {
        Flag::Bool(value) => value,
        Flag::Text(text) => text == "true",
    }))
}

impl Claims {
    /// What must hold of every token.
    pub(super) fn check(&self, issuer: &str, now: DateTime<Utc>) -> Result<(), OidcError> {
        let now = now.timestamp();
        if self.iss != issuer {
            return Err(OidcError::Token("it is of another issuer"));
        }
        if self.sub.is_empty() || self.sub.len() > LONGEST_SUBJECT {
            return Err(OidcError::Token("it is about nobody"));
        }
        if self.exp <= now.saturating_sub(SKEW) {
            return Err(OidcError::Expired);
        }
        let latest = now.saturating_add(SKEW);
        if self.nbf.is_some_and(|at| at > latest) || self.iat.is_some_and(|at| at > latest) {
            return Err(OidcError::Token("it does not hold yet"));
        }
        Ok(())
    }

    /// What must hold besides of the ID token of a sign-in (OpenID Connect Core section 3.1.3.7).
    pub(super) fn check_sign_in(
        &self,
        client_id: &str,
        nonce: &str,
        now: DateTime<Utc>,
    ) -> Result<(), OidcError> {
        let for_us = self.aud.names().iter().any(|name| name == client_id);
        let alone = self.aud.names().len() == 1;
        let to_us = self.azp.as_deref().map_or(alone, |party| party == client_id);
        if !(for_us && to_us) {
            return Err(OidcError::Token("it is meant for somebody else"));
        }
        if self.nonce.as_deref() != Some(nonce) {
            return Err(OidcError::Token("it belongs to another sign-in"));
        }
        let earliest = now.timestamp().saturating_sub(LASTS.num_seconds() + SKEW);
        if self.iat.is_none_or(|at| at < earliest) {
            return Err(OidcError::Token("it is too old"));
        }
        Ok(())
    }

    /// What must hold besides of a token that was made elsewhere.
    pub(super) fn check_audience(&self, audience: &str) -> Result<(), OidcError> {
        match self.aud.names().iter().any(|name| name == audience) {
            true => Ok(()),
            false => Err(OidcError::Token("it is meant for somebody else")),
        }
    }

    /// What it says of itself, for who takes it in place of a token of ours.
    pub(super) fn outside_token(&self) -> Result<OutsideToken, OidcError> {
        const TIMES: OidcError = OidcError::Token("its times are none");
        let time = |seconds| DateTime::from_timestamp(seconds, 0);
        let session = self.sid.as_ref().or(self.session_id.as_ref()).and_then(Value::as_str);
        let session = session.unwrap_or_default();
        if session.len() > LONGEST_SESSION {
            return Err(OidcError::Token("its session has too long a name"));
        }
        Ok(OutsideToken {
            issuer: self.iss.clone(),
            subject: self.sub.clone(),
            session: session.to_owned(),
            issued_at: self.issued_at().ok_or(TIMES)?,
            expires_at: time(self.exp).ok_or(TIMES)?,
            authenticated_at: self.auth_time.as_ref().and_then(Value::as_i64).and_then(time),
        })
    }

    pub(super) fn issued_at(&self) -> Option<DateTime<Utc>> {
        self.iat.and_then(|seconds| DateTime::from_timestamp(seconds, 0))
    }

    /// Whom it is about.
    pub(super) fn subject(&self) -> &str {
        &self.sub
    }

    /// The person. An address counts when the provider says it is proved; or says nothing, and `trusting` is set.
    pub(super) fn outsider(self, person: Person, trusting: bool) -> Outsider {
        let proved = person.email_verified.unwrap_or(trusting);
        let email = person.email.filter(|_| proved);
        Outsider {
            issuer: self.iss,
            subject: self.sub,
            proved_email: email.and_then(|email| EmailAddress::parse(&email).ok()),
            name: person.name,
            issued_at: None,
        }
    }
}
