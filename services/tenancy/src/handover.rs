//! A workspace whose last administrator is erased is run by somebody else from then on.
//!
//! Auth closes no such account by itself. Whoever runs the installation may force it to, and a forced closing ends here.

use chrono::SubsecRound;
use witan_clock::Clock;
use witan_ids::UserId;
use witan_pg::{PgError, TenantTx};

use crate::audit::{self, Author, Entry};
use crate::domain::role::Role;
use crate::events;
use crate::store::members::{member_first_to_act, member_other_admins, member_save};

/// Makes the member who may act and has been there longest an ADMIN, where nobody else is one. The workspace is held.
pub(crate) async fn hand_over(tx: &mut TenantTx<'_>, clock: &Clock, from: UserId) -> Result<(), PgError> {
    let now = clock.now();
    if !member_other_admins(tx, from, now).await?.is_empty() {
        return Ok(());
    }
    let Some(mut heir) = member_first_to_act(tx).await? else { return Ok(()) };
    let entry = Entry::new("MEMBER_ROLE_CHANGED", heir.user_id).detail("role", heir.role());
    heir.set_role(Role::Admin);
    heir.updated_at = now.trunc_subsecs(3);
    member_save(tx, &heir).await?;
    events::member_changed(tx, clock, &heir).await?;
    let entry = entry.detail("newRole", Role::Admin).detail("reason", "LAST_ADMIN_ERASED");
    audit::record(tx, clock, &Author::nobody(), entry).await
}
