use witan_access::{Permission, permission};

use crate::domain::role::Role;

/// What somebody may do in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rights(Vec<Permission>);

impl Rights {
    /// What a role allows; `own` are the permissions of the workspace's own one, should it be such.
    pub(crate) fn of(role: Role, own: &[String]) -> Self {
        match role {
            Role::Admin => Self(permission::ADMIN.to_vec()),
            Role::Member => Self(permission::MEMBER.to_vec()),
            Role::Custom(_) => Self::named(own),
        }
    }

    /// The permissions of these names; what is no permission any longer allows nothing.
    pub(crate) fn named(names: &[String]) -> Self {
        Self(names.iter().filter_map(|name| permission::find(name)).collect())
    }

    pub(crate) fn allow(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// Whether they reach as far as the others: who has them may give and take those.
    pub(crate) fn cover(&self, others: &Self) -> bool {
        others.0.iter().all(|permission| self.allow(*permission))
    }

    /// What both allow.
    pub(crate) fn within(self, limit: &Self) -> Self {
        Self(self.0.into_iter().filter(|permission| limit.allow(*permission)).collect())
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(|permission| permission.as_str().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(names: &[Permission]) -> Rights {
        let names: Vec<String> = names.iter().map(|name| name.as_str().to_owned()).collect();
        let role = Role::Custom(witan_ids::RoleId::from_uuid(uuid::Uuid::nil()));
        Rights::of(role, &names)
    }

    #[test]
    fn a_member_may_not_what_only_an_admin_may() {
        let (admin, member) = (Rights::of(Role::Admin, &[]), Rights::of(Role::Member, &[]));
        assert!(admin.cover(&member) && !member.cover(&admin));
        assert!(admin.allow(permission::STARTUPS_WRITE) && !member.allow(permission::STARTUPS_WRITE));
        assert!(member.allow(permission::STARTUPS_READ));
    }

    #[test]
    fn one_permission_more_is_more() {
        let manager = own(&[permission::MEMBERS_MANAGE, permission::MEMBERS_READ]);
        assert!(manager.cover(&own(&[permission::MEMBERS_READ])) && manager.cover(&own(&[])));
        assert!(!manager.cover(&own(&[permission::MEMBERS_READ, permission::CHAT_READ])));
        assert!(!manager.cover(&Rights::of(Role::Member, &[])));
    }

    #[test]
    fn names_that_nobody_knows_allow_nothing() {
        assert_eq!(Rights::named(&["chat:shout".to_owned()]).names(), Vec::<String>::new());
    }

    #[test]
    fn a_limit_takes_and_never_gives() {
        let limited = own(&[permission::CHAT_READ, permission::CHAT_WRITE]);
        let limit = own(&[permission::CHAT_READ, permission::PLAN_MANAGE]);
        assert_eq!(limited.within(&limit), own(&[permission::CHAT_READ]));
    }
}
