//! What the service holds of people, and how it is removed.

use async_trait::async_trait;
use witan_clock::Clock;
use witan_events::Holder;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};

use crate::domain::role::Role;
use crate::events;
use crate::handover::hand_over;
use crate::store::bind::see_for_address;
use crate::store::deletions::abandon_if_deserted;
use crate::store::domains::domain_forget;
use crate::store::erasure::{NOBODY, forget_creator, forget_person, places};
use crate::store::invitations::{invitation_delete, invitation_forget};
use crate::store::invited::{invited_places, person_address};
use crate::store::join_links::join_link_forget;
use crate::store::members::{member_find, member_remove};
use crate::store::workspaces::{see_as, workspace_lock_whole};

/// All of it.
pub(crate) struct Held {
    pub(crate) clock: Clock,
}

#[async_trait]
impl Holder for Held {
    /// Workspaces and what is in them stay for those who remain, made by nobody. A workspace that nobody remains in is
    /// deleted without a grace, in every service, and bears no name meanwhile. The
    /// others are not told: the member has been inactive since the account was closed, and an event would name the
    /// person once more.
    async fn erase(&self, tx: &mut SystemTx<'_>, user: UserId) -> Result<i64, PgError> {
        let mut rows = 0;
        for workspace in places(tx, user).await? {
            let mut tenant = tx.tenant(workspace);
            workspace_lock_whole(&mut tenant).await?;
            let ran_it =
                member_find(&mut tenant, user).await?.is_some_and(|member| member.role() == Role::Admin);
            rows += member_remove(&mut tenant, user).await?;
            rows += invitation_forget(&mut tenant, user, NOBODY).await?;
            rows += domain_forget(&mut tenant, user, NOBODY).await?;
            rows += join_link_forget(&mut tenant, user, NOBODY).await?;
            if ran_it {
                hand_over(&mut tenant, &self.clock, user).await?;
            }
            rows += forget_creator(&mut tenant, user).await?;
            if abandon_if_deserted(&mut tenant, self.clock.now()).await? {
                events::workspace_deletion_requested(&mut tenant, &self.clock, self.clock.now()).await?;
            }
        }
        see_as(tx, user).await?;
        if let Some(key) = person_address(tx, user).await? {
            see_for_address(tx, &key).await?;
            for (workspace, invitation) in invited_places(tx, &key).await? {
                rows += invitation_delete(&mut tx.tenant(workspace), invitation).await?;
            }
        }
        rows += forget_person(tx, user).await?;
        Ok(i64::try_from(rows).unwrap_or(i64::MAX))
    }
}
