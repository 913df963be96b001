//! Keeps what this process carries, and finds more.
//!
//! Every tenth of a second one query tells which of the runs shall stop and which are somebody else's by now; three times
//! in the length of a lease all of them are extended. Runs that wait, and runs whose process has shown no sign of life, are
//! taken as far as there is room: the row of a lease goes to one process. Of calls of plain models whose process has died it
//! tells what they used.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use witan_ids::RunId;
use witan_pg::{PgError, SystemTx};

use super::carry::{Taken, start};
use crate::app::App;
use crate::openai::usage;
use crate::store::leases::{LeaseRow, lease_claim, lease_extend, lease_list, lease_release, lease_waiting};

/// How soon a run that another replica was told to stop hears of it.
const LISTEN: Duration = Duration::from_millis(100);
/// How often it looks for runs that others left; its own it is told of.
const SEEK: Duration = Duration::from_millis(500);
/// Taken at a time.
const BATCH: usize = 16;

struct Keeper {
    app: App,
    extended: Instant,
    sought: Option<Instant>,
    /// Runs that are this process's by their leases and that nothing here carries, and since when.
    strays: HashMap<RunId, Instant>,
}

/// Runs until the service stops.
pub(crate) async fn keep(app: App) {
    let stopping = app.lifecycle.stopping();
    let mut keeper = Keeper { app, extended: Instant::now(), sought: None, strays: HashMap::new() };
    loop {
        if let Err(error) = keeper.round().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "runs could not be looked after");
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            () = keeper.app.wake.notified() => keeper.sought = None,
            () = sleep(LISTEN) => {}
        }
    }
}

impl Keeper {
    async fn round(&mut self) -> Result<(), PgError> {
        let seek = self.sought.is_none_or(|sought| sought.elapsed() >= SEEK);
        let carried = self.app.holds.ids();
        if seek || !carried.is_empty() {
            self.listen(&carried).await?;
        }
        if self.extended.elapsed() >= self.app.lease / 3 {
            self.extended = Instant::now();
            let (holder, until) = (self.app.holder, self.app.clock.now() + self.app.lease);
            let extend = async |tx: &mut SystemTx<'_>| lease_extend(tx, holder, until).await;
            self.app.pg.tx("run.lease", extend).await?;
            usage::sweep(&self.app).await?;
        }
        if seek {
            self.sought = Some(Instant::now());
            self.seek().await?;
        }
        Ok(())
    }

    /// Hears what became of the runs that were carried before it asked.
    async fn listen(&mut self, carried: &[RunId]) -> Result<(), PgError> {
        let holder = self.app.holder;
        let list = async |tx: &mut SystemTx<'_>| lease_list(tx, holder).await;
        let leases = self.app.pg.tx("run.leases", list).await?;
        let leases: HashMap<RunId, LeaseRow> =
            leases.into_iter().map(|lease| (lease.run_id, lease)).collect();
        for id in carried {
            match leases.get(id) {
                Some(lease) if lease.cancel_requested => self.app.stop(*id),
                Some(_) => {}
                None => self.app.holds.lose(*id),
            }
        }
        let carried = self.app.holds.ids();
        let strays = leases.into_keys().filter(|id| !carried.contains(id));
        let now = Instant::now();
        let since: HashMap<_, _> =
            strays.map(|id| (id, self.strays.get(&id).copied().unwrap_or(now))).collect();
        self.strays = since;
        self.give_up_strays().await
    }

    /// What carried them has died without a word; somebody carries them on.
    async fn give_up_strays(&mut self) -> Result<(), PgError> {
        let patience = self.app.lease / 3;
        let long: Vec<RunId> =
            self.strays.iter().filter(|(_, since)| since.elapsed() > patience).map(|(id, _)| *id).collect();
        for id in long {
            tracing::warn!(run = %id, "a run is carried by nobody here and is given back");
            let (holder, now) = (self.app.holder, self.app.clock.now());
            let release = async |tx: &mut SystemTx<'_>| lease_release(tx, id, holder, now).await;
            self.app.pg.tx("run.release", release).await?;
            self.strays.remove(&id);
        }
        Ok(())
    }

    async fn seek(&mut self) -> Result<(), PgError> {
        if self.app.lifecycle.draining().is_cancelled() {
            // Others take them.
            return Ok(());
        }
        let (holder, now) = (self.app.holder, self.app.clock.now());
        let room = self.app.slots.available_permits().min(BATCH);
        if room == 0 {
            return Ok(());
        }
        // No more room is held than there are runs for it: the rest is for whoever asks meanwhile.
        let count = async |tx: &mut SystemTx<'_>| lease_waiting(tx, holder, now, room).await;
        let waiting = self.app.pg.tx("run.waiting", count).await?;
        let slots: Vec<_> =
            (0..waiting).map_while(|_| self.app.slots.clone().try_acquire_owned().ok()).collect();
        if slots.is_empty() {
            return Ok(());
        }
        let limit = i64::try_from(slots.len()).unwrap_or(i64::MAX);
        let until = now + self.app.lease;
        let claim = async |tx: &mut SystemTx<'_>| lease_claim(tx, holder, now, until, limit).await;
        let claimed = self.app.pg.tx("run.claim", claim).await?;
        if claimed.len() == slots.len() {
            // There may be more.
            self.sought = None;
        }
        for (lease, slot) in claimed.into_iter().zip(slots) {
            if lease.attempts > 1 {
                tracing::warn!(run = %lease.run_id, attempt = lease.attempts, "a run is carried on");
            }
            let (tenant, id, attempt) = (lease.tenant, lease.run_id, lease.attempts);
            start(&self.app, Taken { tenant, id, attempt, slot });
        }
        Ok(())
    }
}
