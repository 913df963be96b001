//! The one table of routes, each with the permission it needs.

use witan_access::{Scope, permission};
use witan_web::{Access, RateClass, Routes, route};

use crate::handlers::{
    admin, domains, feature_flags, internal, invitations, join_link, members, projects, roles, startups,
    workspaces,
};

pub(crate) fn public() -> Routes {
    Routes::new("tenancy")
        .add(route!(workspaces::list, Access::User).api_key(Scope::Read))
        .add(route!(workspaces::create, Access::User).idempotent())
        .add(route!(workspaces::show, Access::PathWorkspace(permission::WORKSPACE_READ)))
        .add(route!(workspaces::update, Access::PathWorkspace(permission::WORKSPACE_WRITE)))
        .add(route!(workspaces::delete, Access::PathWorkspace(permission::WORKSPACE_DELETE)).step_up())
        .add(
            route!(workspaces::deletion, Access::PathWorkspace(permission::WORKSPACE_DELETE))
                .during_deletion(),
        )
        .add(
            route!(workspaces::restore, Access::PathWorkspace(permission::WORKSPACE_DELETE))
                .during_deletion(),
        )
        .add(
            route!(workspaces::export, Access::PathWorkspace(permission::WORKSPACE_DELETE))
                .step_up()
                .during_deletion(),
        )
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
        .add(route!(invitations::list, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(invitations::create, Access::PathWorkspace(permission::MEMBERS_MANAGE)).idempotent())
        .add(route!(invitations::show, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(invitations::resend, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(invitations::revoke, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(invitations::list_own, Access::User))
        .add(route!(invitations::look_up, Access::Public).limit(RateClass::Auth))
        .add(route!(invitations::accept, Access::User))
        .add(route!(invitations::decline, Access::Public).limit(RateClass::Auth))
        .add(route!(invitations::accept_own, Access::User))
        .add(route!(invitations::decline_own, Access::User))
        .add(route!(domains::list, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(domains::create, Access::PathWorkspace(permission::MEMBERS_MANAGE)).idempotent())
        .add(route!(domains::show, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(domains::update, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(domains::remove, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(domains::verify, Access::PathWorkspace(permission::MEMBERS_MANAGE)).limit(RateClass::Api))
        .add(route!(domains::resolve, Access::User))
        .add(route!(domains::join, Access::User))
        .add(route!(join_link::show, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(join_link::put, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(join_link::rotate, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(join_link::remove, Access::PathWorkspace(permission::MEMBERS_MANAGE)))
        .add(route!(join_link::look_up, Access::Public).limit(RateClass::Auth))
        .add(route!(join_link::join, Access::User))
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
        .add(route!(internal::admins, Access::Internal))
        .add(route!(internal::startup, Access::Internal))
        .add(route!(internal::project, Access::Internal))
        .add(route!(internal::feature_flags, Access::Internal))
        .add(route!(internal::held, Access::Internal))
}
