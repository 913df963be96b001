//! The roles that a workspace makes for itself: the rules that hold for all changes of them.

use witan_access::permission;
use witan_pg::{PgError, TenantTx};
use witan_web::{Problem, Violations, codes};

use crate::actor::{Actor, Forbidden};
use crate::domain::name::{Name, NameError};
use crate::domain::permissions::Permissions;
use crate::domain::rights::Rights;
use crate::store::roles::RoleRow;
use crate::store::workspaces::workspace_lock;

/// Most roles of one workspace: they are shown in one list.
pub(crate) const MAX_ROLES: i64 = 50;
/// Longest name of a role, in characters.
const MAX_NAME: usize = 60;
/// The names that mean something everywhere.
const TAKEN: [&str; 2] = ["admin", "member"];

/// Why no role changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RoleError {
    #[error("there is no such role")]
    Unknown,
    #[error("another role is called so")]
    NameTaken,
    #[error("there are as many as there can be")]
    Limit,
    #[error("somebody has it")]
    InUse,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(PgError),
}

impl From<PgError> for RoleError {
    fn from(error: PgError) -> Self {
        match error.constraint() {
            Some("roles_name") => Self::NameTaken,
            // Members, or whatever else points to a role.
            Some(_) => Self::InUse,
            None => Self::Store(error),
        }
    }
}

impl From<RoleError> for Problem {
    fn from(error: RoleError) -> Self {
        match error {
            RoleError::Unknown => Self::not_found(),
            RoleError::NameTaken => Self::new(&codes::tenancy::ROLE_NAME_TAKEN),
            RoleError::Limit => Self::new(&codes::tenancy::ROLE_LIMIT)
                .detail(format!("A workspace may have {MAX_ROLES} roles of its own.")),
            RoleError::InUse => Self::new(&codes::tenancy::ROLE_IN_USE),
            RoleError::Forbidden(error) => error.into(),
            RoleError::Store(error) => error.into(),
        }
    }
}

/// A role's name, and the same with its case folded.
pub(crate) fn name(text: &str) -> Result<(String, String), NameError> {
    let name = Name::parse(text, MAX_NAME)?;
    Ok((name.as_str().to_owned(), name.as_str().to_lowercase()))
}

/// The names of what a role is to allow; each that is wrong is noted.
pub(crate) fn permissions(violations: &mut Violations, names: &[String]) -> Option<Vec<String>> {
    match Permissions::parse(names) {
        Ok(permissions) => Some(permissions.names()),
        Err(wrong) => {
            for (index, error) in wrong {
                violations.push(format!("/permissions/{index}"), "validation.invalid", error.to_string());
            }
            None
        }
    }
}

/// Whether nobody can take the role for one of those that every workspace has.
pub(crate) fn check_name(role: &RoleRow) -> Result<(), RoleError> {
    if TAKEN.contains(&role.name_key.as_str()) { Err(RoleError::NameTaken) } else { Ok(()) }
}

/// Holds the workspace; what the caller may give and take then.
pub(crate) async fn begin(tx: &mut TenantTx<'_>, actor: &Actor) -> Result<Rights, RoleError> {
    workspace_lock(tx).await?;
    Ok(actor.rights(tx, permission::ROLES_MANAGE).await??)
}

/// Whether the role allows no more than the caller may do.
pub(crate) fn check_reach(own: &Rights, role: &RoleRow) -> Result<(), RoleError> {
    if own.cover(&Rights::named(&role.permissions)) { Ok(()) } else { Err(Forbidden::Exceeded.into()) }
}
