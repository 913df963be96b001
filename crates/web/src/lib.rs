#![doc = include_str!("../README.md")]

pub mod codes;
mod config;
pub mod cookies;
mod cursor;
mod disclosure;
mod edge;
mod extract;
pub mod health;
pub mod presence;
mod problem;
mod produced;
mod respond;
mod routes;
mod schema;
mod serve;
pub mod sse;
mod violations;

pub use actix_web::web::Data as State;
pub use actix_web::{HttpRequest, HttpResponse, Responder};

pub use crate::codes::{Category, Code};
pub use crate::config::{Limits, WebConfig};
pub use crate::cursor::{CursorError, Cursors};
pub use crate::disclosure::{Discloser, Lines, WorkspaceDiscloser, disclosed, workspace_disclosed};
pub use crate::edge::Edge;
pub use crate::edge::context::RequestContext;
pub use crate::edge::idempotency::IdempotencyStore;
pub use crate::extract::body::Body;
pub use crate::extract::caller::{Caller, ServiceCaller, Tenant};
pub use crate::extract::paging::Paging;
pub use crate::extract::path::Path;
pub use crate::extract::query::Query;
pub use crate::extract::raw::Raw;
pub use crate::extract::upload::Upload;
pub use crate::health::Health;
pub use crate::problem::{Problem, ProblemBody, Violation};
pub use crate::produced::{Produced, Writer};
pub use crate::respond::{Accepted, Created, Json, NoContent, Page};
pub use crate::routes::access::{Access, RateClass};
pub use crate::routes::{Route, Routes};
pub use crate::serve::{ServeOptions, serve_internal, serve_public};
pub use crate::sse::{Sse, SseEvent};
pub use crate::violations::Violations;

/// What a handler gives.
pub type Result<T> = std::result::Result<T, Problem>;

/// What [`route!`] writes out. Not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use actix_web::Route;
}
