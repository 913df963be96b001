//! A run's budget, kept in its lease: what its calls took, what those under way may take, and what runs that it started have
//! drawn. Whoever takes of it locks the lease, so that calls and runs which begin at the same time share what there is,
//! wherever they are carried.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx};

use super::load::Loaded;
use crate::app::App;
use crate::deliberation::purse::Purse;
use crate::domain::budget::{RunBudget, Take};
use crate::store::leases::{lease_account, lease_lock};

/// How long a database that is away is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(250);

struct Lease {
    app: App,
    tenant: WorkspaceId,
    run: RunId,
    attempt: i16,
    limits: RunBudget,
}

/// What pays for the calls of a run; none where nothing is limited.
pub(super) fn purse(app: &App, run: &Loaded) -> Option<Arc<dyn Purse>> {
    let limits = RunBudget { seconds: None, ..run.limits };
    let (tenant, id, attempt) = (run.tenant, run.id, run.attempt);
    (limits != RunBudget::default())
        .then(|| -> Arc<dyn Purse> { Arc::new(Lease { app: app.clone(), tenant, run: id, attempt, limits }) })
}

#[async_trait]
impl Purse for Lease {
    async fn reserve(&self, estimate: Take, besides: Take) -> bool {
        self.change(Change::Reserve { estimate, besides }).await
    }

    async fn settle(&self, estimate: Take, took: Take) {
        self.change(Change::Settle { estimate, took }).await;
    }
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Reserve { estimate: Take, besides: Take },
    Settle { estimate: Take, took: Take },
}

impl Lease {
    /// False where there is not enough, and where the run is another process's by now.
    async fn change(&self, change: Change) -> bool {
        let write = async |tx: &mut TenantTx<'_>| self.write(tx, change).await;
        let until = Instant::now() + PATIENCE;
        loop {
            match self.app.pg.tenant("run.account", self.tenant, write).await {
                Err(error) if error.is_transient() && Instant::now() < until => sleep(PAUSE).await,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(run = %self.run, error, "a run's budget cannot be kept");
                    return false;
                }
                Ok(changed) => return changed,
            }
        }
    }

    async fn write(&self, tx: &mut TenantTx<'_>, change: Change) -> Result<bool, PgError> {
        let Some(lease) = lease_lock(tx, self.run).await? else { return Ok(false) };
        if lease.holder != Some(self.app.holder) || lease.attempts != self.attempt {
            return Ok(false);
        }
        let changed = match change {
            Change::Reserve { estimate, besides } => lease.account().reserve(&self.limits, estimate, besides),
            Change::Settle { estimate, took } => Some(lease.account().settle(estimate, took)),
        };
        let Some(account) = changed else { return Ok(false) };
        lease_account(tx, self.run, account).await?;
        Ok(true)
    }
}
