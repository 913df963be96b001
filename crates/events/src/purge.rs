//! Removing what a service holds of a workspace that was deleted.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_clock::Clock;
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::contracts::tenancy::v1::{WorkspacePurgeRequested, WorkspacePurged};
use crate::{Envelope, Event as _, HandleError, TenantHandler, publish};

/// All reports of a service are about this, so that no trace of the workspace is left where subjects are counted.
const SUBJECT: &str = "purges";
/// Most rows of one statement: none may take too long, however much a workspace holds.
const BATCH: i64 = 5_000;

/// Knows where a service holds something of workspaces.
#[async_trait]
pub trait Keeper: Send + Sync + 'static {
    /// Removes all of the transaction's workspace; says how many rows that were. Doing it again finds nothing.
    async fn purge(&self, tx: &mut TenantTx<'_>) -> Result<i64, PgError>;
}

/// A service that holds something of workspaces in these tables only: the name of each, and of its column. What refers to
/// others comes before them.
pub struct Tables(pub &'static [(&'static str, &'static str)]);

#[async_trait]
impl Keeper for Tables {
    async fn purge(&self, tx: &mut TenantTx<'_>) -> Result<i64, PgError> {
        let mut rows = 0;
        for (table, column) in self.0 {
            rows += empty(tx, table, column).await?;
        }
        Ok(rows)
    }
}

async fn empty(tx: &mut TenantTx<'_>, table: &str, column: &str) -> Result<i64, PgError> {
    let statement = format!(
        "DELETE FROM {table} WHERE {column} = $1
         AND ctid = ANY (ARRAY (SELECT ctid FROM {table} WHERE {column} = $1 LIMIT $2))"
    );
    let (workspace, mut rows) = (tx.workspace_id().uuid(), 0);
    loop {
        let delete = diesel::sql_query(&statement).bind::<SqlUuid, _>(workspace).bind::<BigInt, _>(BATCH);
        let removed = i64::try_from(delete.execute(tx.conn()).await?).unwrap_or(i64::MAX);
        rows += removed;
        if removed < BATCH {
            return Ok(rows);
        }
    }
}

/// Does what `workspace.purge_requested` asks for and reports it with `workspace.purged`, in one transaction.
pub struct Purge<K> {
    /// The service.
    pub service: &'static str,
    /// The time.
    pub clock: Clock,
    /// What it holds.
    pub keeper: K,
}

#[async_trait]
impl<K: Keeper> TenantHandler for Purge<K> {
    fn name(&self) -> &'static str {
        "purge"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &[WorkspacePurgeRequested::TYPE]
    }

    async fn handle(&self, tx: &mut TenantTx<'_>, _: &Envelope) -> Result<(), HandleError> {
        let rows = self.keeper.purge(tx).await?;
        let workspace_id = tx.workspace_id().to_string();
        let report = WorkspacePurged { workspace_id, service: self.service.to_owned(), rows };
        publish(tx, &self.clock, SUBJECT, &report).await?;
        Ok(())
    }
}
