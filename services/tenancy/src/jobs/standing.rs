//! An account was closed, or opened again: what that means for the person's places.

use witan_clock::Clock;
use witan_ids::UserId;
use witan_pg::{PgError, SystemTx};

use crate::events;
use crate::store::members::{MemberRow, member_set_closed};
use crate::store::own_places::member_places;
use crate::store::people::person_close;

/// The places stay as they are and do not count while the account is closed; every service hears of each. Needs `see_as`.
pub(super) async fn stand(
    tx: &mut SystemTx<'_>,
    clock: &Clock,
    user: UserId,
    closed: bool,
) -> Result<(), PgError> {
    // From here on nobody lets the person in without knowing of it: the database looks at this row (`set_standing`).
    person_close(tx, user, closed, clock.now()).await?;
    for workspace in member_places(tx, user).await? {
        let mut tenant = tx.tenant(workspace);
        let changed = member_set_closed(&mut tenant, user, closed).await?;
        if let Some(now) = changed.filter(MemberRow::is_admitted) {
            events::member_changed(&mut tenant, clock, &now).await?;
        }
    }
    Ok(())
}
