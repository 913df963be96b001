use std::fmt;

use witan_access::{Feature, Scope};

use crate::edge::query::QueryRules;
use crate::routes::Route;
use crate::routes::access::{Access, RateClass};

/// An operation as it is served.
pub(crate) struct Endpoint {
    /// The path, with parameters in braces.
    pub(crate) path: String,
    /// `{method} {path}`, the name of its spans.
    pub(crate) name: String,
    pub(crate) access: Access,
    pub(crate) limit: RateClass,
    pub(crate) idempotent: bool,
    pub(crate) step_up: bool,
    pub(crate) administrative: bool,
    pub(crate) during_deletion: bool,
    pub(crate) feature: Option<Feature>,
    pub(crate) api_key: Option<Scope>,
    pub(crate) body_limit: usize,
    pub(crate) query: QueryRules,
}

impl Endpoint {
    pub(crate) fn of(route: &Route) -> Self {
        let mut schemas: Vec<_> = crate::schema::ids().collect();
        (route.schemas)(&mut schemas);
        Self {
            name: format!("{} {}", route.method, route.path),
            path: route.path.clone(),
            access: route.access,
            limit: route.limit,
            idempotent: route.idempotent,
            step_up: route.step_up,
            administrative: route.administrative,
            during_deletion: route.during_deletion,
            feature: route.feature,
            api_key: route.api_key,
            body_limit: route.body_limit,
            query: QueryRules::of(&route.operation, schemas, route.open_query),
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
