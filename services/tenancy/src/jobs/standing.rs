//! An account was closed, or opened again: what that means for the person's places.

use witan_clock::Clock;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};

use crate::domain::role::MemberStatus;
use crate::events;
use crate::store::members::{MemberRow, member_places};
use crate::store::people::person_close;

/// The places stay as they are and do not count while the account is closed; every service hears of each. Needs `see_as`.
pub(super) async fn stand(
    tx: &mut SystemTx<'_>,
    clock: &Clock,
    user: UserId,
    closed: bool,
) -> Result<(), PgError> {
    person_close(tx, user, closed, clock.now()).await?;
    let status = if closed { MemberStatus::Inactive } else { MemberStatus::Active };
    for place in member_places(tx, user).await? {
        let now = MemberRow { status: status.as_str().to_owned(), ..place };
        let mut tenant = tx.tenant(now.workspace_id).await?;
        events::member_changed(&mut tenant, clock, &now).await?;
    }
    Ok(())
}
