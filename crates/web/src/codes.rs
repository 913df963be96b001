//! Every code that a problem may have, in one registry: `area.reason`, with what it means and how it is answered.

use std::fmt;

pub mod auth;
pub mod billing;
pub mod chat;
pub mod council;
pub mod gateway;
mod general;
pub mod inbound;
pub mod tenancy;
pub mod webhooks;

pub use self::general::*;

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// Nobody knows who is calling.
    Authentication,
    /// The caller may not.
    Authorization,
    /// The request is wrong in itself.
    Validation,
    /// What it is about is not there.
    Resource,
    /// It does not go with what is there.
    Conflict,
    /// The product's rules are against it, such as a plan's limit.
    Business,
    /// Too much of it.
    RateLimit,
    /// Somebody else did not answer.
    Dependency,
    /// We failed.
    System,
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authentication => "authentication",
            Self::Authorization => "authorization",
            Self::Validation => "validation",
            Self::Resource => "resource",
            Self::Conflict => "conflict",
            Self::Business => "business",
            Self::RateLimit => "rate_limit",
            Self::Dependency => "dependency",
            Self::System => "system",
        })
    }
}

/// One kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Its name, `area.reason`; never changes.
    pub code: &'static str,
    /// What kind of thing went wrong.
    pub category: Category,
    /// The HTTP status it is answered with.
    pub status: u16,
    /// A short sentence that is the same each time (RFC 9457 section 3.1.3).
    pub title: &'static str,
    /// What it means and what to do, for the documentation.
    pub meaning: &'static str,
}

/// Declares the codes of an area: a name, the code, its category and status, the title, the meaning.
macro_rules! codes {
    ($($name:ident $code:literal $category:ident $status:literal $title:literal $meaning:literal;)*) => {
        $(
            #[doc = concat!("`", $code, "`: ", $meaning)]
            pub static $name: $crate::codes::Code = $crate::codes::Code {
                code: $code,
                category: $crate::codes::Category::$category,
                status: $status,
                title: $title,
                meaning: $meaning,
            };
        )*
        /// All of this area.
        pub(super) static ALL: &[&$crate::codes::Code] = &[$(&$name),*];
    };
}
pub(crate) use codes;

/// Every code there is.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [
        general::ALL,
        inbound::ALL,
        gateway::ALL,
        auth::ALL,
        tenancy::ALL,
        chat::ALL,
        council::ALL,
        webhooks::ALL,
        billing::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// What an error is called that brought nothing but a status.
pub(crate) fn of_status(status: actix_web::http::StatusCode) -> &'static Code {
    match status.as_u16() {
        401 => &TOKEN_MISSING,
        403 => &PERMISSION_DENIED,
        404 => &ROUTE_NOT_FOUND,
        405 => &METHOD_NOT_ALLOWED,
        406 => &NOT_ACCEPTABLE,
        408 => &REQUEST_TIMEOUT,
        409 => &CONFLICT,
        412 => &PRECONDITION_FAILED,
        413 => &BODY_TOO_LARGE,
        415 => &MEDIA_TYPE,
        422 => &VALIDATION_FAILED,
        429 => &RATE_LIMITED,
        400..=499 => &UNPARSABLE,
        503 => &UNAVAILABLE,
        504 => &TIMEOUT,
        _ => &INTERNAL,
    }
}
