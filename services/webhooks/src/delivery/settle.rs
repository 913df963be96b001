use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use witan_clock::Clock;
use witan_ids::{DeliveryId, WorkspaceId};
use witan_jobs::{Job, JobError, complete_many};
use witan_pg::SystemTx;

use super::create::DeliverJob;
use super::record::Attempted;
use crate::store::arrivals::{Arrival, delivery_arrive};
use crate::store::unmetered::unmetered_add;

/// A delivery that a partner has taken, of a workspace.
pub(crate) struct Arrived {
    pub(crate) job: Job,
    pub(crate) delivery: DeliverJob,
    pub(crate) attempted: Arc<Attempted>,
}

/// Writes down many deliveries that arrived, of any workspaces, and finishes their jobs, in one transaction. Says of each whether it was
/// written.
///
/// One that was resent, settled or deleted meanwhile is not, nor is one that somebody else is writing to: nobody waits for another's
/// partner here. That is for [`record`](super::record::record).
///
/// # Errors
/// [`JobError::Lost`] when somebody else has one of the jobs; then nothing may be committed.
pub(crate) async fn settle(
    tx: &mut SystemTx<'_>,
    clock: &Clock,
    arrived: &[Arrived],
) -> Result<Vec<bool>, JobError> {
    tx.prefer_indexes();
    let mut places: BTreeMap<WorkspaceId, Vec<Arrival>> = BTreeMap::new();
    for one in arrived {
        places.entry(one.delivery.workspace_id).or_default().push(Arrival::new(
            clock,
            &one.delivery,
            &one.attempted,
        ));
    }
    let mut written: HashSet<DeliveryId> = HashSet::new();
    let mut counts = Vec::new();
    for (workspace, arrivals) in places {
        let here = delivery_arrive(&mut tx.tenant(workspace), arrivals, clock.now()).await?;
        counts.push((workspace, here.len()));
        written.extend(here);
    }
    let is_written = |one: &&Arrived| written.contains(&one.delivery.delivery_id);
    let jobs: Vec<&Job> = arrived.iter().filter(is_written).map(|one| &one.job).collect();
    if !jobs.is_empty() {
        unmetered_add(tx, &counts).await?;
        complete_many(tx, &jobs).await?;
    }
    Ok(arrived.iter().map(|one| is_written(&one)).collect())
}
