//! Consumes what auth says of people: who they are, and that there is one more, who gets a first workspace.
//!
//! One queue for all of it, so that what is said of one person is taken in the order in which it was said.

use async_trait::async_trait;
use witan_clock::Clock;
use witan_events::contracts::auth::v1::{
    UserDeactivated, UserDeletionRequested, UserEmailChanged, UserReactivated, UserRenamed, UserRestored,
    UserVerified,
};
use witan_events::{Envelope, Event as _, HandleError, SystemHandler};
use witan_ids::UserId;
use witan_pg::SystemTx;

use crate::jobs::first_workspace::settle;
use crate::jobs::standing::stand;
use crate::store::people::{person_move, person_rename};
use crate::store::workspaces::see_as;

/// Keeps the copy of who people are.
pub(crate) struct People {
    pub(crate) clock: Clock,
}

#[async_trait]
impl SystemHandler for People {
    fn name(&self) -> &'static str {
        "people"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &[
            UserVerified::TYPE,
            UserRenamed::TYPE,
            UserEmailChanged::TYPE,
            UserDeactivated::TYPE,
            UserDeletionRequested::TYPE,
            UserReactivated::TYPE,
            UserRestored::TYPE,
        ]
    }

    async fn handle(&self, tx: &mut SystemTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        let now = self.clock.now();
        match envelope.event_type.as_str() {
            UserRenamed::TYPE => {
                let event = envelope.decode::<UserRenamed>()?;
                let user = act_as(tx, &event.user_id).await?;
                person_rename(tx, user, &event.name, now).await?;
            }
            UserEmailChanged::TYPE => {
                let event = envelope.decode::<UserEmailChanged>()?;
                let user = act_as(tx, &event.user_id).await?;
                person_move(tx, user, &event.email, now).await?;
            }
            UserDeactivated::TYPE | UserDeletionRequested::TYPE => {
                set_standing(tx, &self.clock, envelope, true).await?;
            }
            UserReactivated::TYPE | UserRestored::TYPE => {
                set_standing(tx, &self.clock, envelope, false).await?;
            }
            _ => {
                let event = envelope.decode::<UserVerified>()?;
                let user = act_as(tx, &event.user_id).await?;
                settle(tx, &self.clock, user, &event).await?;
            }
        }
        Ok(())
    }
}

async fn set_standing(
    tx: &mut SystemTx<'_>,
    clock: &Clock,
    envelope: &Envelope,
    closed: bool,
) -> Result<(), HandleError> {
    let user = envelope.data["userId"].as_str().unwrap_or_default();
    let user = act_as(tx, user).await?;
    Ok(stand(tx, clock, user, closed).await?)
}

async fn act_as(tx: &mut SystemTx<'_>, user: &str) -> Result<UserId, HandleError> {
    let user: UserId = user.parse()?;
    see_as(tx, user).await?;
    Ok(user)
}
