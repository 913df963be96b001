use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use witan_ids::{IdError, RoleId};

const ADMIN: &str = "ADMIN";
const MEMBER: &str = "MEMBER";
const CUSTOM: &str = "CUSTOM";

/// What a member is in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// May do everything.
    Admin,
    /// Works in the workspace and does not run it.
    Member,
    /// What the workspace itself decided.
    Custom(RoleId),
}

impl Role {
    /// The role as its column has it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Admin => ADMIN,
            Self::Member => MEMBER,
            Self::Custom(_) => CUSTOM,
        }
    }

    /// The workspace's own role, if it is one.
    pub(crate) fn id(self) -> Option<RoleId> {
        match self {
            Self::Custom(id) => Some(id),
            Self::Admin | Self::Member => None,
        }
    }

    /// The role of two columns, whose values CHECKs limit; what is unknown is given no more than a MEMBER.
    pub(crate) fn of_columns(text: &str, id: Option<RoleId>) -> Self {
        match (text, id) {
            (ADMIN, None) => Self::Admin,
            (_, Some(id)) => Self::Custom(id),
            (_, None) => Self::Member,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Custom(id) => id.fmt(f),
            Self::Admin | Self::Member => f.write_str(self.as_str()),
        }
    }
}

impl FromStr for Role {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text {
            ADMIN => Ok(Self::Admin),
            MEMBER => Ok(Self::Member),
            _ => text.parse().map(Self::Custom),
        }
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl PartialSchema for Role {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("`ADMIN`, `MEMBER`, or the id of one of the workspace's own roles."))
            .pattern(Some("^(ADMIN|MEMBER|rol_[0-7][0-9a-hjkmnp-tv-z]{25})$"))
            .examples(["MEMBER"])
            .into()
    }
}

impl ToSchema for Role {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("MemberRole")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_as_they_are_written() {
        let own = Role::Custom(RoleId::from_uuid(uuid::Uuid::from_u128(7)));
        for role in [Role::Admin, Role::Member, own] {
            assert_eq!(role.to_string().parse(), Ok(role));
            assert_eq!(Role::of_columns(role.as_str(), role.id()), role);
        }
        for text in ["", "admin", "CUSTOM", "OWNER", "usr_01h455vb4pex5vsknk084sn02q"] {
            assert!(text.parse::<Role>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_column_that_nobody_knows_gives_no_rights() {
        assert_eq!(Role::of_columns("OWNER", None), Role::Member);
        let own = RoleId::from_uuid(uuid::Uuid::from_u128(7));
        assert_eq!(Role::of_columns("ADMIN", Some(own)), Role::Custom(own));
    }
}
