//! Domains that a workspace says are its own. Saying so is free; what the DNS says counts, and one workspace of all
//! has a domain. Nobody is moved by any of it: who has an address of the domain may join, if they want to.

use chrono::{DateTime, SubsecRound, Utc};
use witan_access::permission;
use witan_ids::{DomainId, UserId};
use witan_pg::TenantTx;
use witan_web::{Problem, codes};

use crate::actor::{Actor, Forbidden};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::domain::domain_status::DomainStatus;
use crate::domain::mail_domain::{MailDomain, record_name, record_value};
use crate::domain::rights::Rights;
use crate::domain::role::Role;
use crate::domain::secret::Secret;
use crate::events::domains as events;
use crate::store::domain_owners::{domain_release, domain_take};
use crate::store::domains::{
    DomainRow, domain_count, domain_delete, domain_find, domain_insert, domain_lock, domain_save,
};
use crate::store::workspaces::workspace_lock;

/// Most claims of one workspace.
const MOST: i64 = 50;

/// Says that a domain is the workspace's.
pub(crate) async fn claim(
    tx: &mut TenantTx<'_>,
    app: &App,
    actor: &Actor,
    by: UserId,
    domain: &MailDomain,
) -> Result<DomainRow, Problem> {
    let now = app.clock.now().trunc_subsecs(3);
    workspace_lock(tx).await?;
    if domain_count(tx).await? >= MOST {
        return Err(Problem::new(&codes::tenancy::DOMAIN_LIMIT));
    }
    let ids = (tx.workspace_id(), DomainId::generate(&app.clock));
    let challenge = Secret::generate(&app.clock).expose().to_owned();
    let row = DomainRow::new(ids, domain.as_str(), challenge, by, now);
    if !domain_insert(tx, &row).await? {
        return Err(Problem::new(&codes::tenancy::DOMAIN_EXISTS));
    }
    events::claimed(tx, &app.clock, &row).await?;
    note(tx, app, actor, "DOMAIN_CLAIMED", &row).await?;
    Ok(row)
}

/// Asks the DNS, and takes the domain if it proves the claim.
pub(crate) async fn verify(app: &App, actor: &Actor, id: DomainId) -> Result<DomainRow, Problem> {
    let find = async |tx: &mut TenantTx<'_>| domain_find(tx, id).await;
    let row = app.pg.tenant_read("domain.find", actor.workspace, find).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    let proved = is_proved(app, &row).await.map_err(|error| {
        let later = std::time::Duration::from_secs(30);
        Problem::new(&codes::DEPENDENCY_UNAVAILABLE).retry_after(later).source(error)
    })?;
    if !proved {
        return Err(Problem::new(&codes::tenancy::DOMAIN_UNPROVED));
    }
    let take = async |tx: &mut TenantTx<'_>| -> Result<DomainRow, Problem> {
        let now = app.clock.now().trunc_subsecs(3);
        let mut row = domain_lock(tx, id).await?.ok_or_else(Problem::not_found)?;
        if !domain_take(tx, &row.domain, id, now).await? {
            return Err(Problem::new(&codes::tenancy::DOMAIN_TAKEN));
        }
        let new = row.status() != DomainStatus::Verified;
        confirm(&mut row, now);
        domain_save(tx, &row).await?;
        if new {
            events::verified(tx, &app.clock, &row).await?;
            note(tx, app, actor, "DOMAIN_VERIFIED", &row).await?;
        }
        Ok(row)
    };
    app.pg.tenant("domain.verify", actor.workspace, take).await
}

/// Whether the DNS says what the claim wants it to.
pub(crate) async fn is_proved(app: &App, row: &DomainRow) -> Result<bool, crate::dns::DnsError> {
    app.dns.says(&record_name(&row.domain), &record_value(&row.challenge)).await
}

/// The DNS has said so just now.
pub(crate) fn confirm(row: &mut DomainRow, now: DateTime<Utc>) {
    if row.status() != DomainStatus::Verified {
        row.set_status(DomainStatus::Verified);
        row.verified_at = Some(now);
    }
    (row.checked_at, row.failing_since, row.updated_at) = (Some(now), None, now);
}

/// Decides whether people may join by the domain.
pub(crate) async fn set_joining(
    tx: &mut TenantTx<'_>,
    app: &App,
    actor: &Actor,
    id: DomainId,
    joining: bool,
) -> Result<DomainRow, Problem> {
    workspace_lock(tx).await?;
    let own = actor.rights(tx, permission::MEMBERS_MANAGE).await??;
    if !own.cover(&Rights::of(Role::Member, &[])) {
        return Err(Forbidden::Exceeded.into());
    }
    let mut row = domain_lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    if joining && row.status() != DomainStatus::Verified {
        return Err(Problem::new(&codes::tenancy::DOMAIN_UNPROVED));
    }
    if row.joining != joining {
        row.joining = joining;
        row.updated_at = app.clock.now().trunc_subsecs(3);
        domain_save(tx, &row).await?;
        events::joining(tx, &app.clock, &row).await?;
        let entry = Entry::new("DOMAIN_JOINING_CHANGED", id).detail("joining", joining);
        audit::record(tx, &app.clock, &actor.author, entry.detail("domain", &row.domain)).await?;
    }
    Ok(row)
}

/// Gives a claim up; the domain is free for others.
pub(crate) async fn remove(
    tx: &mut TenantTx<'_>,
    app: &App,
    actor: &Actor,
    id: DomainId,
) -> Result<(), Problem> {
    let row = domain_lock(tx, id).await?.ok_or_else(Problem::not_found)?;
    domain_release(tx, id).await?;
    domain_delete(tx, id).await?;
    events::removed(tx, &app.clock, &row).await?;
    note(tx, app, actor, "DOMAIN_REMOVED", &row).await
}

async fn note(
    tx: &mut TenantTx<'_>,
    app: &App,
    actor: &Actor,
    action: &'static str,
    row: &DomainRow,
) -> Result<(), Problem> {
    let entry = Entry::new(action, row.id).detail("domain", &row.domain);
    Ok(audit::record(tx, &app.clock, &actor.author, entry).await?)
}
