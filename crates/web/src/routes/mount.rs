use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::guard::{self, Guard};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Resource};

use super::{Route, Routes};
use crate::edge::Edge;
use crate::edge::gate::Gate;
use crate::routes::endpoint::Endpoint;
use crate::{Problem, codes};

/// A path, and the operations that it has.
type Served = (String, Vec<(Route, Arc<Endpoint>)>);

/// A table that is ready to be served by any number of workers.
#[derive(Clone)]
pub(crate) struct Mounted {
    edge: Edge,
    resources: Arc<Vec<Served>>,
}

impl Routes {
    /// Prepares the table.
    ///
    /// # Panics
    /// When two operations have the same method and path: that is a mistake in the table.
    pub(crate) fn mount(&self, edge: &Edge) -> Mounted {
        let mut resources: BTreeMap<Specificity, Served> = BTreeMap::new();
        for route in &self.routes {
            let (path, routes) = resources
                .entry(Specificity::of(&route.path))
                .or_insert_with(|| (route.path.clone(), Vec::new()));
            assert_eq!(*path, route.path, "two paths differ only in the names of their parameters");
            assert!(routes.iter().all(|(other, _)| other.method != route.method), "{route:?} is there twice");
            routes.push((route.clone(), Arc::new(Endpoint::of(route))));
        }
        Mounted { edge: edge.clone(), resources: Arc::new(resources.into_values().collect()) }
    }
}

impl Mounted {
    /// Registers everything with a worker.
    pub(crate) fn configure(&self, config: &mut ServiceConfig) {
        for (path, routes) in self.resources.iter() {
            config.service(self.resource(path, routes));
        }
    }

    fn resource(&self, path: &str, routes: &[(Route, Arc<Endpoint>)]) -> Resource {
        let mut resource = web::resource(path);
        for (route, endpoint) in routes {
            let gate = Gate::new(self.edge.clone(), endpoint.clone());
            resource = resource.route((route.build)().wrap(gate).guard(serves(&route.method)));
        }
        let allow: Rc<str> = allow(routes.iter().map(|(route, _)| &route.method)).into();
        resource.default_service(web::to(move |request: actix_web::HttpRequest| {
            let answer = other_method(request.method(), &allow);
            async move { answer }
        }))
    }
}

/// GET also answers HEAD; the server leaves the body out (RFC 9110 section 9.3.2).
fn serves(method: &Method) -> impl Guard + use<> {
    let method = method.clone();
    guard::fn_guard(move |request| {
        let asked = &request.head().method;
        *asked == method || (*asked == Method::HEAD && method == Method::GET)
    })
}

fn allow<'a>(methods: impl Iterator<Item = &'a Method>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for method in methods {
        names.push(method.as_str());
        if method == Method::GET {
            names.push("HEAD");
        }
    }
    names.push("OPTIONS");
    names.join(", ")
}

/// 204 for OPTIONS, 405 for the rest, both with what is allowed (RFC 9110 section 15.5.6).
fn other_method(method: &Method, allow: &str) -> Result<HttpResponse, Problem> {
    let allow = HeaderValue::from_str(allow).map_err(Problem::internal)?;
    if method == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((ALLOW, allow)).finish());
    }
    Err(Problem::new(&codes::METHOD_NOT_ALLOWED).header(ALLOW, allow))
}

/// What answers where no path matches.
pub(crate) async fn nothing_here(_: actix_web::HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::new(&codes::ROUTE_NOT_FOUND))
}

/// Orders paths so that a fixed segment comes before a parameter in its place, and makes paths that match the same
/// requests equal.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Specificity(Vec<Segment>);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Fixed(String),
    Parameter,
}

impl Specificity {
    fn of(path: &str) -> Self {
        let segment = |text: &str| match text.starts_with('{') {
            true => Segment::Parameter,
            false => Segment::Fixed(text.to_owned()),
        };
        Self(path.split('/').map(segment).collect())
    }
}
