//! A person proved their address: their first workspace is made, with them as its ADMIN.
//!
//! Exactly one is made: the inbox takes the event once, and a row per person takes the deed once, should auth ever say
//! it twice under two ids. All of it is one transaction, the events included.

use witan_clock::Clock;
use witan_events::contracts::auth::v1::UserVerified;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx};

use crate::domain::name::Name;
use crate::founding::{Founding, found};
use crate::store::people::{first_workspace_claim, person_save};

/// Writes down who the person is and makes their first workspace. Needs `see_as`.
pub(super) async fn settle(
    tx: &mut SystemTx<'_>,
    clock: &Clock,
    owner: UserId,
    event: &UserVerified,
) -> Result<(), PgError> {
    let now = clock.now();
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
    let mut tenant = tx.tenant(WorkspaceId::generate(clock));
    found(&mut tenant, clock, &founding).await.map(drop)
}
