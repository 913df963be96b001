//! Looking again, each day, whether the DNS still says that domains are whose they are.
//!
//! Only an answer counts: while the DNS says nothing at all, nothing changes. A record that was gone at every look of
//! some days ends the claim, and nobody joins by it any longer; members stay.

use chrono::SubsecRound;
use witan_pg::{PgError, SystemTx, TenantTx};

use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::claiming::{confirm, is_proved};
use crate::domain::domain_status::DomainStatus;
use crate::events::domains as events;
use crate::store::domain_owners::{DomainOwner, domain_due, domain_release, domain_take};
use crate::store::domains::{DomainRow, domain_find, domain_lock, domain_save};

const BATCH: i64 = 100;

/// One pass.
pub(crate) async fn recheck(app: App) -> Result<(), PgError> {
    let mut after = String::new();
    loop {
        let due = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
            domain_due(tx, app.clock.now() - app.config.domains.recheck, &after, BATCH).await
        };
        let owners = app.pg.tx("domain.due", due).await?;
        let Some(last) = owners.last() else { return Ok(()) };
        after = last.domain.clone();
        for owner in &owners {
            look_again(&app, owner).await?;
        }
    }
}

async fn look_again(app: &App, owner: &DomainOwner) -> Result<(), PgError> {
    let find = async |tx: &mut TenantTx<'_>| domain_find(tx, owner.claim).await;
    let Some(row) = app.pg.tenant_read("domain.find", owner.tenant, find).await? else { return Ok(()) };
    match is_proved(app, &row).await {
        Ok(proved) => {
            let settle = async |tx: &mut TenantTx<'_>| settle(tx, app, owner, proved).await;
            app.pg.tenant("domain.recheck", owner.tenant, settle).await
        }
        Err(error) => {
            tracing::warn!(%error, domain = owner.domain, "a domain could not be looked at again");
            Ok(())
        }
    }
}

async fn settle(tx: &mut TenantTx<'_>, app: &App, owner: &DomainOwner, proved: bool) -> Result<(), PgError> {
    let now = app.clock.now().trunc_subsecs(3);
    let Some(mut row) = domain_lock(tx, owner.claim).await? else { return Ok(()) };
    // Meanwhile it may have been given up.
    if row.status() != DomainStatus::Verified || !domain_take(tx, &owner.domain, owner.claim, now).await? {
        return Ok(());
    }
    if proved {
        confirm(&mut row, now);
        return domain_save(tx, &row).await;
    }
    let since = *row.failing_since.get_or_insert(now);
    (row.checked_at, row.updated_at) = (Some(now), now);
    if now - since >= app.config.domains.grace {
        lose(tx, app, &mut row).await?;
    }
    domain_save(tx, &row).await
}

async fn lose(tx: &mut TenantTx<'_>, app: &App, row: &mut DomainRow) -> Result<(), PgError> {
    row.set_status(DomainStatus::Lost);
    row.joining = false;
    domain_release(tx, row.id).await?;
    events::lost(tx, &app.clock, row).await?;
    let entry = Entry::new("DOMAIN_LOST", row.id).detail("domain", &row.domain);
    audit::record(tx, &app.clock, &Author::nobody(), entry).await
}
