use serde::Serialize;
use utoipa::ToSchema;
use witan_access::permission;
use witan_web::{Json, Problem};

/// What there is to allow, and what the roles that every workspace has allow of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PermissionCatalogue {
    permissions: Vec<PermissionEntry>,
    /// The names that the role ADMIN has: all.
    admin: Vec<&'static str>,
    /// The names that the role MEMBER has.
    member: Vec<&'static str>,
}

/// The right to do one kind of thing in a workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PermissionEntry {
    /// `<resource>:<action>`; each operation names in its description, as `x-permission`, the one that it needs.
    #[schema(example = "startups:write")]
    name: &'static str,
    #[schema(example = "Describe and change start-ups.")]
    description: &'static str,
    /// Whether a workspace's own role may have it.
    grantable: bool,
    /// Whether it is about running the workspace.
    administrative: bool,
}

/// Lists what a role may allow.
#[utoipa::path(get, path = "/api/v1/permissions", operation_id = "listPermissions", tag = "roles",
    responses((status = 200, description = "The catalogue", body = PermissionCatalogue)))]
pub(crate) async fn handle() -> Result<Json<PermissionCatalogue>, Problem> {
    let names = |all: &[permission::Permission]| all.iter().map(|one| one.as_str()).collect();
    let entry = |one: &permission::Permission| PermissionEntry {
        name: one.as_str(),
        description: one.meaning(),
        grantable: one.is_grantable(),
        administrative: one.is_administrative(),
    };
    Ok(Json(PermissionCatalogue {
        permissions: permission::ALL.iter().map(entry).collect(),
        admin: names(permission::ADMIN),
        member: names(permission::MEMBER),
    }))
}
