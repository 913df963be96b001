//! The one table of a service's operations.

pub(crate) mod access;
mod complete;
mod document;
pub(crate) mod endpoint;
pub(crate) mod mount;

use std::fmt;

use actix_web::http::Method;
use utoipa::__dev::{SchemaReferences, Tags};
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::{RefOr, Schema};
use witan_access::{Feature, Scope};

use self::access::{Access, RateClass};

/// How large a body may be where the table says nothing else.
const BODY_LIMIT: usize = 256 * 1024;

/// The operations of a service, each with the access it asks for.
///
/// Method, path and document come from the handler's `#[utoipa::path]`; they are written down nowhere else.
#[derive(Clone)]
pub struct Routes {
    pub(crate) service: &'static str,
    pub(crate) routes: Vec<Route>,
}

/// One operation. Made by [`route!`](crate::route).
#[derive(Clone)]
pub struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) operation: Operation,
    pub(crate) schemas: fn(&mut Vec<(String, RefOr<Schema>)>),
    pub(crate) build: fn() -> actix_web::Route,
    pub(crate) access: Access,
    pub(crate) limit: RateClass,
    pub(crate) idempotent: bool,
    pub(crate) step_up: bool,
    pub(crate) administrative: bool,
    pub(crate) during_deletion: bool,
    pub(crate) feature: Option<Feature>,
    pub(crate) api_key: Option<Scope>,
    pub(crate) body_limit: usize,
    pub(crate) open_query: bool,
}

/// An operation of the table: the module of its handler, which is called `handle`, and the access it asks for.
#[macro_export]
macro_rules! route {
    ($($module:ident)::+, $access:expr $(,)?) => {
        $crate::Route::new::<$($module)::+::__path_handle>(
            || $crate::__private::Route::new().to($($module)::+::handle),
            $access,
        )
    };
}

impl Routes {
    /// The table of a service, still empty.
    pub fn new(service: &'static str) -> Self {
        Self { service, routes: Vec::new() }
    }

    /// Adds an operation.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "it reads as a table: one line per operation")]
    pub fn add(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// Adds all operations of another table.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.routes.extend(other.routes);
        self
    }

    /// The service that the table belongs to.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// The operations, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }
}

impl Route {
    /// The operation that `P` describes. Use [`route!`](crate::route).
    #[doc(hidden)]
    pub fn new<P>(build: fn() -> actix_web::Route, access: Access) -> Self
    where
        P: utoipa::Path + SchemaReferences + for<'t> Tags<'t>,
    {
        let mut operation = P::operation();
        operation.tags = Some(P::tags().into_iter().map(str::to_owned).collect());
        let method = P::methods().into_iter().next().map_or(Method::GET, method);
        Self {
            method,
            path: P::path(),
            operation,
            schemas: P::schemas,
            build,
            access,
            limit: RateClass::General,
            idempotent: false,
            step_up: false,
            administrative: access.is_administrative(),
            during_deletion: false,
            feature: None,
            api_key: None,
            body_limit: BODY_LIMIT,
            open_query: false,
        }
    }

    /// Holds it against the limits of a class.
    #[must_use]
    pub fn limit(mut self, class: RateClass) -> Self {
        self.limit = class;
        self
    }

    /// Answers a request with a known `Idempotency-Key` as it was answered the first time.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Asks for a proof of who is calling that is at most ten minutes old (RFC 9470). API keys cannot give one.
    #[must_use]
    pub fn step_up(mut self) -> Self {
        self.step_up = true;
        self.administrative()
    }

    /// Refuses rather than decide by state that may be stale, as operations of administrators do by themselves.
    #[must_use]
    pub fn administrative(mut self) -> Self {
        self.administrative = true;
        self
    }

    /// Lets members of a workspace in that will be deleted.
    #[must_use]
    pub fn during_deletion(mut self) -> Self {
        self.during_deletion = true;
        self
    }

    /// Is only for callers who have the feature.
    #[must_use]
    pub fn feature(mut self, feature: Feature) -> Self {
        self.feature = Some(feature);
        self
    }

    /// Lets the API keys of people in, those with this scope. Operations that ask for a permission let keys in anyway:
    /// what scope they need follows from the permission.
    #[must_use]
    pub fn api_key(mut self, scope: Scope) -> Self {
        self.api_key = Some(scope);
        self
    }

    /// Takes bodies of up to this many bytes.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Lets parameters pass that it does not declare: whoever sends people here adds some of their own.
    #[must_use]
    pub fn open_query(mut self) -> Self {
        self.open_query = true;
        self
    }

    /// Its method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Its path, with parameters in braces.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The access it asks for.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The name of the operation in the API document.
    pub fn operation_id(&self) -> &str {
        self.operation.operation_id.as_deref().unwrap_or_default()
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({:?})", self.method, self.path, self.access)
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.routes).finish()
    }
}

fn method(method: HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}
