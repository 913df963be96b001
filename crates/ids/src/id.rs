use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;
use witan_clock::Clock;

use crate::typeid;

/// What an id names.
pub trait Kind: 'static {
    /// The prefix of its text, without the underscore.
    const PREFIX: &'static str;
    /// The name of the id's schema in OpenAPI documents.
    const NAME: &'static str;
}

/// An id of one kind of thing: a UUIDv7 inside, a TypeID outside.
pub struct Id<K>(pub(crate) Uuid, pub(crate) PhantomData<fn() -> K>);

impl<K> Id<K> {
    /// A new id for the time now.
    pub fn generate(clock: &Clock) -> Self {
        Self::from_uuid(clock.uuid_v7())
    }

    /// The id that a UUID of any version stands for.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The UUID inside.
    pub const fn uuid(&self) -> Uuid {
        self.0
    }
}

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is no TypeID at all.
    #[error(transparent)]
    Malformed(#[from] typeid::TypeIdError),
    /// It is one, of something else.
    #[error("must begin with `{expected}_`")]
    Prefix {
        /// The prefix that belongs there.
        expected: &'static str,
    },
}

impl<K: Kind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (prefix, uuid) = typeid::decode(text)?;
        if prefix == K::PREFIX {
            Ok(Self::from_uuid(uuid))
        } else {
            Err(IdError::Prefix { expected: K::PREFIX })
        }
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_", K::PREFIX)?;
        f.write_str(typeid::suffix(self.0, &mut [0; typeid::SUFFIX_LENGTH]))
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<K>(PhantomData<fn() -> K>);
        impl<K: Kind> serde::de::Visitor<'_> for Visitor<K> {
            type Value = Id<K>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an id that begins with `{}_`", K::PREFIX)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Id<K>, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor(PhantomData))
    }
}

// Written out, because a derive would ask the same of the marker type `K`.

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
