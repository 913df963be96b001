//! What went wrong, as RFC 9457 says it.

mod from;
pub(crate) mod openai;
mod render;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::codes::{self, Code};

pub(crate) use self::render::Place;
pub use self::render::ProblemBody;

/// How many violations are named. Somebody who made more has enough to do, and a small request gets no huge answer.
const NAMED: usize = 100;

type Source = Box<dyn Error + Send + Sync>;

/// An answer that says what went wrong: to the caller by code, title and detail, to us by its source.
///
/// The source is logged once, when the answer leaves, and never shown.
pub struct Problem(Box<Inner>);

struct Inner {
    code: &'static Code,
    detail: Option<String>,
    violations: Vec<Violation>,
    headers: Vec<(HeaderName, HeaderValue)>,
    source: Option<Source>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Violation {
    /// Where: a JSON pointer into the body (RFC 6901), or the name of a parameter.
    #[schema(examples("/email"))]
    pub pointer: String,
    /// What kind of violation.
    #[schema(examples("validation.required"))]
    pub code: String,
    /// What is wrong, for a person.
    pub detail: String,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(code: &'static Code) -> Self {
        Self(Box::new(Inner {
            code,
            detail: None,
            violations: Vec::new(),
            headers: Vec::new(),
            source: None,
        }))
    }

    /// Something went wrong on our side; `source` says what, to us alone.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::new(&codes::INTERNAL).source(source)
    }

    /// There is no such thing, or it is somebody else's.
    pub fn not_found() -> Self {
        Self::new(&codes::NOT_FOUND)
    }

    /// Says what happened this time, for a person.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds one thing that is wrong: where (a JSON pointer), which kind, and what.
    #[must_use]
    pub fn violation(
        mut self,
        pointer: impl Into<String>,
        code: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        self.0.violations.push(Violation {
            pointer: pointer.into(),
            code: code.into(),
            detail: detail.into(),
        });
        self
    }

    /// Adds several things that are wrong; the first hundred are named.
    #[must_use]
    pub fn violations(mut self, violations: impl IntoIterator<Item = Violation>) -> Self {
        self.0.violations.extend(violations);
        self.0.violations.truncate(NAMED);
        self
    }

    /// Adds a header to the answer. A value that no header can have is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.0.headers.push((name, value));
        }
        self
    }

    /// Says when to try again, in whole seconds, at least one.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// Says what caused it, to us alone.
    #[must_use]
    pub fn source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Its kind.
    pub fn code(&self) -> &'static Code {
        self.0.code
    }

    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Everything that is wrong with the request.
    pub fn all_violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// What caused it.
    pub(crate) fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.render(&Place::default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.code)?;
        match &self.0.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => write!(f, ": {}", self.0.code.title),
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("code", &self.0.code.code)
            .field("detail", &self.0.detail)
            .field("violations", &self.0.violations)
            .field("source", &self.0.source)
            .finish()
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
