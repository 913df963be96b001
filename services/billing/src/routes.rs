//! The one table of routes, each with the permission it needs.

use witan_access::permission;
use witan_web::{Access, Routes, route};

use crate::handlers::{internal, plans, subscription, usage};

pub(crate) fn public() -> Routes {
    Routes::new("billing")
        .add(route!(plans::list, Access::Public))
        .add(route!(subscription::show, Access::Workspace(permission::USAGE_READ)))
        .add(route!(usage::show, Access::Workspace(permission::USAGE_READ)))
}

pub(crate) fn internal() -> Routes {
    Routes::new("billing")
        .add(route!(internal::entitlements, Access::Internal))
        .add(route!(internal::reserve, Access::Internal))
        .add(route!(internal::release, Access::Internal))
        .add(route!(internal::subscribe, Access::Internal))
        .add(route!(internal::held_of_workspace, Access::Internal))
}
