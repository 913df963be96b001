//! Who asks for a change of members or roles, and how far their rights reach.

use witan_access::Permission;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Caller, HttpRequest, Problem, Tenant, codes};

use crate::audit::Author;
use crate::domain::rights::Rights;
use crate::domain::role::Role;
use crate::domain::status::MemberStatus;
use crate::store::members::member_find;
use crate::store::roles::role_find;

/// Somebody who asks.
pub(crate) struct Actor {
    pub(crate) author: Author,
    pub(crate) workspace: WorkspaceId,
    /// The member; none for a key of the workspace.
    member: Option<UserId>,
    /// As far as the scopes of an API key reach.
    limit: Option<Rights>,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Forbidden {
    #[error("the permission {0} is missing")]
    Missing(Permission),
    #[error("it is more than the caller may do")]
    Exceeded,
}

impl From<Forbidden> for Problem {
    fn from(error: Forbidden) -> Self {
        match error {
            Forbidden::Missing(permission) => {
                Self::new(&codes::PERMISSION_DENIED).detail(format!("It needs the permission {permission}."))
            }
            Forbidden::Exceeded => Self::new(&codes::tenancy::RIGHTS_EXCEEDED),
        }
    }
}

impl Actor {
    pub(crate) fn of(request: &HttpRequest, caller: &Caller, tenant: &Tenant) -> Self {
        let key = caller.api_key();
        Self {
            author: Author::of(request, caller.user_id),
            workspace: tenant.workspace_id,
            member: key.is_none_or(|key| key.workspace.is_none()).then_some(tenant.user_id),
            limit: key.map(|_| Rights::named(tenant.permissions())),
        }
    }

    /// What the caller may do as the transaction sees it, `needed` among it. Whoever lost that a moment ago does not get
    /// through by what was still known of them when the request came in.
    pub(crate) async fn rights(
        &self,
        tx: &mut TenantTx<'_>,
        needed: Permission,
    ) -> Result<Result<Rights, Forbidden>, PgError> {
        let own = match self.member {
            None => Some(Rights::of(Role::Admin, &[])),
            Some(user) => match member_find(tx, user).await? {
                Some(member) if member.status() == MemberStatus::Active => {
                    rights_of(tx, member.role()).await?
                }
                _ => None,
            },
        };
        let own = own.map(|own| match &self.limit {
            Some(limit) => own.within(limit),
            None => own,
        });
        Ok(own.filter(|own| own.allow(needed)).ok_or(Forbidden::Missing(needed)))
    }
}

/// What a role of this workspace allows; none where it has no such role.
pub(crate) async fn rights_of(tx: &mut TenantTx<'_>, role: Role) -> Result<Option<Rights>, PgError> {
    match role {
        Role::Admin | Role::Member => Ok(Some(Rights::of(role, &[]))),
        Role::Custom(id) => Ok(role_find(tx, id).await?.map(|own| Rights::of(role, &own.permissions))),
    }
}
