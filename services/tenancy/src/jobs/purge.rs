//! Deleting workspaces whose grace is over.
//!
//! Every service that holds something of workspaces is asked by event and reports by event. Who does not is asked again each
//! day. When all have reported, this service removes the workspace itself; until then its administrators see how far it is.

use async_trait::async_trait;
use chrono::TimeDelta;
use witan_clock::Clock;
use witan_events::contracts::tenancy::v1::WorkspacePurged;
use witan_events::{Envelope, Event as _, HandleError, TenantHandler};
use witan_pg::{Pg, PgError, SystemTx, TenantTx};

use crate::audit::{self, Author, Entry};
use crate::events;
use crate::store::deletions::{deletion_ask_again, deletion_begin, workspace_remove};
use crate::store::purges::{purge_begin, purge_lock, purge_report};

/// How long a service has before it is asked again.
const PATIENCE: TimeDelta = TimeDelta::days(1);

/// One pass.
pub(crate) async fn purge(pg: Pg, clock: Clock) -> Result<(), PgError> {
    let begin = async |tx: &mut SystemTx<'_>| -> Result<(), PgError> {
        let now = clock.now();
        for workspace in deletion_ask_again(tx, now - PATIENCE, now).await? {
            ask(&mut tx.tenant(workspace), &clock, "WORKSPACE_PURGE_LATE").await?;
        }
        for workspace in deletion_begin(tx, now).await? {
            let mut tenant = tx.tenant(workspace);
            purge_begin(&mut tenant, now).await?;
            ask(&mut tenant, &clock, "WORKSPACE_PURGE_BEGUN").await?;
        }
        Ok(())
    };
    pg.tx("deletion.begin", begin).await
}

/// Asks every service, and tells auditors why.
async fn ask(tx: &mut TenantTx<'_>, clock: &Clock, why: &'static str) -> Result<(), PgError> {
    events::workspace_purge_requested(tx, clock).await?;
    audit::record(tx, clock, &Author::nobody(), Entry::new(why, tx.workspace_id())).await
}

/// Consumes `workspace.purged`.
pub(crate) struct PurgeReports {
    pub(crate) clock: Clock,
}

#[async_trait]
impl TenantHandler for PurgeReports {
    fn name(&self) -> &'static str {
        "purge-reports"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &[WorkspacePurged::TYPE]
    }

    async fn handle(&self, tx: &mut TenantTx<'_>, envelope: &Envelope) -> Result<(), HandleError> {
        let report = envelope.decode::<WorkspacePurged>()?;
        let open: Vec<_> = purge_lock(tx).await?.into_iter().filter(|part| !part.is_done()).collect();
        // Who was not asked, or has reported before, has nothing to say.
        if !open.iter().any(|part| part.service == report.service) {
            return Ok(());
        }
        purge_report(tx, &report.service, report.rows, self.clock.now()).await?;
        if open.len() == 1 {
            workspace_remove(tx).await?;
            events::workspace_deleted(tx, &self.clock).await?;
            let entry = Entry::new("WORKSPACE_DELETED", tx.workspace_id());
            audit::record(tx, &self.clock, &Author::nobody(), entry).await?;
        }
        Ok(())
    }
}
