//! The one table of routes, each with the permission it needs.

use witan_access::{Scope, permission};
use witan_web::{Access, RateClass, Routes, route};

use crate::handlers::{admin, feature_flags, internal, members, projects, roles, startups, workspaces};

pub(crate) fn public() -> Routes {
    Routes::new("tenancy")
        .add(route!(workspaces::list, Access::User).api_key(Scope::Read))
        .add(route!(workspaces::create, Access::User).idempotent())
        .add(route!(workspaces::show, Access::PathWorkspace(permission::WORKSPACE_READ)))
        .add(route!(workspaces::update, Access::PathWorkspace(permission::WORKSPACE_WRITE)))
        .add(route!(members::list, Access::PathWorkspace(permission::MEMBERS_READ)))
        .add(
            route!(members::add, Access::PathWorkspace(permission::MEMBERS_MANAGE))
                .idempotent()
                .limit(RateClass::Api),
        )
        .add(route!(members::show, Access::PathWorkspace(permission::MEMBERS_READ)))
        .add(route!(members::update, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(members::activate, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(members::deactivate, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(members::remove, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(members::leave, Access::User).administrative())
        .add(route!(roles::permissions, Access::User).api_key(Scope::Read))
        .add(route!(roles::list, Access::PathWorkspace(permission::MEMBERS_READ)))
        .add(route!(roles::create, Access::PathWorkspace(permission::ROLES_MANAGE)).idempotent())
        .add(route!(roles::show, Access::PathWorkspace(permission::MEMBERS_READ)))
        .add(route!(roles::update, Access::PathWorkspace(permission::ROLES_MANAGE)))
        .add(route!(roles::delete, Access::PathWorkspace(permission::ROLES_MANAGE)))
        .add(route!(admin::list, Access::Workspace(permission::MEMBERS_MANAGE)))
        .add(route!(admin::stats, Access::Workspace(permission::MEMBERS_MANAGE)))
        .add(route!(admin::show, Access::Workspace(permission::MEMBERS_MANAGE)))
        .add(route!(admin::activate, Access::Workspace(permission::MEMBERS_MANAGE)))
        .add(route!(admin::deactivate, Access::Workspace(permission::MEMBERS_MANAGE)))
        .add(route!(admin::promote, Access::Workspace(permission::MEMBERS_MANAGE)))
        .add(route!(admin::demote, Access::Workspace(permission::MEMBERS_MANAGE)))
        .add(route!(feature_flags::mine, Access::Workspace(permission::WORKSPACE_READ)))
        .add(route!(feature_flags::list, Access::Platform))
        .add(route!(feature_flags::show, Access::Platform))
        .add(route!(feature_flags::set, Access::Platform))
        .add(route!(feature_flags::delete, Access::Platform))
        .add(route!(startups::list, Access::Workspace(permission::STARTUPS_READ)))
        .add(route!(startups::create, Access::Workspace(permission::STARTUPS_WRITE)).idempotent())
        .add(route!(startups::show, Access::Workspace(permission::STARTUPS_READ)))
        .add(route!(startups::update, Access::Workspace(permission::STARTUPS_WRITE)))
        .add(route!(startups::delete, Access::Workspace(permission::STARTUPS_WRITE)))
        .add(route!(projects::list, Access::Workspace(permission::PROJECTS_READ)))
        .add(route!(projects::create, Access::Workspace(permission::PROJECTS_WRITE)).idempotent())
        .add(route!(projects::show, Access::Workspace(permission::PROJECTS_READ)))
        .add(route!(projects::update, Access::Workspace(permission::PROJECTS_WRITE)))
        .add(route!(projects::delete, Access::Workspace(permission::PROJECTS_WRITE)))
}

pub(crate) fn internal() -> Routes {
    Routes::new("tenancy")
        .add(route!(internal::membership, Access::Internal))
        .add(route!(internal::administered, Access::Internal))
        .add(route!(internal::startup, Access::Internal))
        .add(route!(internal::project, Access::Internal))
        .add(route!(internal::feature_flags, Access::Internal))
        .add(route!(internal::held, Access::Internal))
}
