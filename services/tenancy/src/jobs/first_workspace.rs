//! Consumes `user.verified`: writes down who the person is and makes their first workspace with them as its ADMIN.
//!
//! Exactly one is made: the inbox takes the event once, and a row per person takes the deed once, should auth ever say
//! it twice under two ids. All of it is one transaction, the events included.

use async_trait::async_trait;
use witan_clock::Clock;
use witan_events::contracts::auth::v1::UserVerified;
use witan_events::{Envelope, HandleError, SystemHandler};
use witan_ids::{UserId, WorkspaceId};
use witan_pg::SystemTx;

use crate::domain::name::Name;
use crate::founding::{Founding, found};
use crate::store::people::{first_workspace_claim, person_save};
use crate::store::workspaces::see_as;

/// Makes first workspaces.
pub(crate) struct FirstWorkspace {
    pub(crate) clock: Clock,
}

#[async_trait]
impl SystemHandler for FirstWorkspace {
    fn name(&self) -> &'static str {
        "first-workspace"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &["user.verified"]
    }

    async fn handle(&self, tx: &mut SystemTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        let event = envelope.decode::<UserVerified>()?;
        let owner: UserId = event.user_id.parse().map_err(|error| HandleError::Poison(format!("{error}")))?;
        let now = self.clock.now();
        see_as(tx, owner).await?;
        person_save(tx, owner, &event.email, &event.name, now).await?;
        if !first_workspace_claim(tx, owner, now).await? {
            return Ok(());
        }
        let founding = Founding {
            owner,
            name: Name::of_first_workspace(&event.name),
            time_zone: "UTC".to_owned(),
            locale: "en".to_owned(),
        };
        let mut tenant = tx.tenant(WorkspaceId::generate(&self.clock)).await?;
        found(&mut tenant, &self.clock, &founding).await?;
        Ok(())
    }
}
