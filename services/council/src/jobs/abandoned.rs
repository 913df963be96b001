//! Ends runs whose process died.
//!
//! A run under way has a lease that its process extends. One that ran out belongs to nobody: it is ended as interrupted,
//! and the event says so. Should the process only have been slow, it finds its run ended and changes nothing. One
//! replica sweeps at a time, which saves work; that each run ends once is the transaction's doing, not the sweeper's.

use std::time::Duration;

use witan_clock::Clock;
use witan_ids::RunId;
use witan_pg::{Pg, PgError, SystemTx};

use crate::events;
use crate::runs::interrupted;
use crate::store::leases::{LeaseRow, lease_delete, lease_expired};
use crate::store::runs::{run_end, run_find};

/// How often it looks.
pub(crate) const EVERY: Duration = Duration::from_secs(5);

/// Ends every run whose lease ran out.
pub(crate) async fn sweep(pg: &Pg, clock: &Clock) -> Result<(), PgError> {
    let end_one = async |tx: &mut SystemTx<'_>| -> Result<Option<RunId>, PgError> {
        let Some(lease) = lease_expired(tx, clock.now()).await? else { return Ok(None) };
        end(tx, clock, &lease).await?;
        Ok(Some(lease.run_id))
    };
    while let Some(run) = pg.tx("run.abandoned", end_one).await? {
        tracing::warn!(%run, "a run was ended because its process is gone");
    }
    Ok(())
}

async fn end(tx: &mut SystemTx<'_>, clock: &Clock, lease: &LeaseRow) -> Result<(), PgError> {
    lease_delete(tx, lease.run_id).await?;
    let mut tx = tx.tenant(lease.tenant).await?;
    let Some(run) = run_find(&mut tx, lease.run_id).await? else { return Ok(()) };
    let end = interrupted(clock.now());
    match run_end(&mut tx, run.id, &end).await {
        Ok(()) => events::run_ended(&mut tx, clock, run.id, &run.agent, &end).await,
        Err(PgError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}
