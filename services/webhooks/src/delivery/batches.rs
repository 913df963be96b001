use tracing::debug;
use witan_ids::{JobId, WorkspaceId};
use witan_jobs::hasten;
use witan_lifecycle::{Lifecycle, Together};
use witan_pg::{SystemTx, TenantTx};

use super::claim::Due;
use super::create::{DeliverJob, KIND};
use super::glance::glance;
use super::settle::{Arrived, settle};
use crate::app::App;

/// Deliveries of one statement.
const MOST: usize = 64;

/// What most deliveries go through, many at a time; clones share it. What fails here is done again for each delivery by itself, where
/// whoever is to blame fails alone.
#[derive(Clone)]
pub(crate) struct Batches {
    /// Of each workspace by itself: a transaction sees the rows of one.
    glances: Together<WorkspaceId, DeliverJob, Option<Due>>,
    /// One commit for all.
    arrivals: Together<(), Arrived, bool>,
    /// Those that were put off and have a place now.
    calls: Together<(), JobId, ()>,
}

impl Batches {
    pub(crate) fn new(app: &App, lifecycle: &Lifecycle) -> Self {
        let (reader, writer, caller) = (app.clone(), app.clone(), app.clone());
        Self {
            glances: Together::new(lifecycle, "webhooks.glance", MOST, move |workspace, jobs| {
                read(reader.clone(), workspace, jobs)
            }),
            arrivals: Together::new(lifecycle, "webhooks.settle", MOST, move |(), arrived| {
                write(writer.clone(), arrived)
            }),
            calls: Together::new(lifecycle, "webhooks.call", MOST, move |(), jobs| {
                call(caller.clone(), jobs)
            }),
        }
    }

    /// What a delivery's attempt needs, if there is nothing to decide about it.
    pub(crate) async fn glance(&self, job: &DeliverJob) -> Option<Due> {
        self.glances.ask(job.workspace_id, job.clone()).await.flatten()
    }

    /// Writes down a delivery that arrived and finishes its job; says whether it did.
    pub(crate) async fn settle(&self, arrived: Arrived) -> bool {
        self.arrivals.ask((), arrived).await.unwrap_or(false)
    }

    /// Lets a delivery's job that was put off run at once, and does not wait for that.
    pub(crate) fn call(&self, job: JobId) {
        self.calls.tell((), job);
    }
}

async fn read(app: App, workspace: WorkspaceId, jobs: Vec<DeliverJob>) -> Vec<Option<Due>> {
    let now = app.clock.now();
    let read = async |tx: &mut TenantTx<'_>| glance(tx, &jobs, now).await;
    let read = app.pg.tenant_read("webhooks.glance", workspace, read).await;
    read.unwrap_or_else(|error| {
        debug!(%workspace, %error, "deliveries are looked at one by one");
        Vec::new()
    })
}

async fn write(app: App, arrived: Vec<Arrived>) -> Vec<bool> {
    let write = async |tx: &mut SystemTx<'_>| settle(tx, &app.clock, &arrived).await;
    let written = app.pg.tx("webhooks.settle", write).await;
    written.unwrap_or_else(|error| {
        debug!(%error, "deliveries are written down one by one");
        Vec::new()
    })
}

/// Who is not called comes by itself, later.
async fn call(app: App, jobs: Vec<JobId>) -> Vec<()> {
    let call = async |tx: &mut SystemTx<'_>| hasten(tx, &app.clock, KIND, &jobs).await;
    if let Err(error) = app.pg.tx("webhooks.call", call).await {
        debug!(%error, "deliveries that were put off are not called back");
    }
    Vec::new()
}
