use serde::{Deserialize, Deserializer, Serialize};
use witan_ids::{SessionId, UserId, WorkspaceId};

/// The `typ` of an access token's header (RFC 9068 section 2.1).
pub const TOKEN_TYPE: &str = "at+jwt";

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// The user.
    pub sub: UserId,
    /// The services it is meant for.
    #[serde(deserialize_with = "one_or_many")]
    pub aud: Vec<String>,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// When it begins to hold.
    pub nbf: i64,
    /// A name of its own.
    pub jti: String,
    /// The session that it belongs to.
    pub sid: SessionId,
    /// The workspace that is meant where a request selects none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wid: Option<WorkspaceId>,
    /// When the person last proved who they are, in seconds since 1970 (OpenID Connect Core section 2).
    pub auth_time: i64,
    /// How they did (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// Whether they run the installation.
    #[serde(default, skip_serializing_if = "is_false")]
    pub adm: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it out like this")]
fn is_false(value: &bool) -> bool {
    !value
}

/// RFC 7519 section 4.1.3: an audience is a list, or a bare string in its place.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Audience {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Audience::deserialize(deserializer)? {
        Audience::One(audience) => vec![audience],
        Audience::Many(audiences) => audiences,
    })
}
