//! Puts what happens in a run into its log, and how its calls ended into its journal, as it happens.
//!
//! A run has one writer, which keeps the order: nothing is stored before what it follows from, so that a critique is never
//! known without the answers that it judged. It writes only while its process has the lease.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep, sleep_until};
use witan_ids::RunId;
use witan_pg::{PgError, TenantTx};
use witan_web::sse::Listed;

use super::load::Loaded;
use super::story::{Story, Told};
use crate::app::App;
use crate::deliberation::progress::Step;
use crate::domain::call::{CallKey, Called};
use crate::store::calls::{CallRow, call_insert_all};
use crate::store::leases::lease_held;
use crate::store::run_events::{RunEventRow, run_event_append};

/// How long words are gathered.
const GATHER: Duration = Duration::from_millis(50);
/// How long a database that is away is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(250);
/// What refuses a row that is there already.
const OWN: [&str; 3] = ["run_events_pkey", "run_calls_pkey", "run_calls_once"];

/// Writes one run's log and journal.
pub(super) struct Writer<'a> {
    app: &'a App,
    run: &'a Loaded,
    listed: &'a Listed<RunId, RunEventRow>,
    story: Story,
    calls: Vec<CallRow>,
    /// Of the last event that is stored.
    pub(super) seq: i32,
}

impl<'a> Writer<'a> {
    pub(super) fn new(app: &'a App, run: &'a Loaded, listed: &'a Listed<RunId, RunEventRow>) -> Self {
        Self { app, run, listed, story: Story::default(), calls: Vec::new(), seq: run.last_event }
    }

    /// Stores what happens until nothing more does.
    ///
    /// # Errors
    /// [`PgError::NotFound`] when another process has the run, else the database's after some patience.
    pub(super) async fn drain(&mut self, mut steps: UnboundedReceiver<Step>) -> Result<(), PgError> {
        let mut flush_at: Option<Instant> = None;
        loop {
            let due = async {
                match flush_at {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                step = steps.recv() => match step {
                    Some(step) => {
                        let mut urgent = self.add(step);
                        while let Ok(step) = steps.try_recv() {
                            urgent |= self.add(step);
                        }
                        flush_at = flush_at.or_else(|| Some(Instant::now() + GATHER));
                        if urgent {
                            self.flush().await?;
                            flush_at = None;
                        }
                    }
                    None => return self.flush().await,
                },
                () = due => {
                    self.flush().await?;
                    flush_at = None;
                }
            }
        }
    }

    /// Tells of something that is no step of the deliberation.
    pub(super) async fn tell(&mut self, event: &'static str, data: Value) -> Result<(), PgError> {
        self.store(vec![Told { event, data }]).await
    }

    /// Whether it should not wait.
    fn add(&mut self, step: Step) -> bool {
        self.story.add(&step);
        match step {
            Step::Text { .. } => false,
            Step::Ended { key, model, called } => {
                self.calls.push(self.row(key, model, called));
                true
            }
            Step::Stage(_) | Step::Asked { .. } | Step::Scores(_) => true,
        }
    }

    async fn flush(&mut self) -> Result<(), PgError> {
        let told = self.story.take();
        self.store(told).await
    }

    async fn store(&mut self, told: Vec<Told>) -> Result<(), PgError> {
        let calls = std::mem::take(&mut self.calls);
        if told.is_empty() && calls.is_empty() {
            return Ok(());
        }
        let now = self.app.clock.now();
        let row = |(seq, told): (i32, Told)| RunEventRow {
            workspace_id: self.run.tenant,
            run_id: self.run.id,
            seq,
            event: told.event.to_owned(),
            data: told.data,
            created_at: now,
        };
        let events: Vec<RunEventRow> = (self.seq + 1..).zip(told).map(row).collect();
        self.commit(&events, &calls).await?;
        for event in events {
            self.seq = event.seq;
            self.listed.live.show(event);
        }
        Ok(())
    }

    async fn commit(&self, events: &[RunEventRow], calls: &[CallRow]) -> Result<(), PgError> {
        let (run, holder, attempt) = (self.run.id, self.app.holder, self.run.attempt);
        let write = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> {
            if !lease_held(tx, run, holder, attempt).await? {
                return Err(PgError::NotFound);
            }
            if !events.is_empty() {
                run_event_append(tx, events).await?;
            }
            if !calls.is_empty() {
                call_insert_all(tx, calls).await?;
            }
            Ok(())
        };
        let until = Instant::now() + PATIENCE;
        loop {
            match self.app.pg.tenant("run.write", self.run.tenant, write).await {
                Ok(()) => return Ok(()),
                // Whoever has the lease is the only writer: the row that is in the way is this one, and its commit was
                // not heard of.
                Err(error) if error.constraint().is_some_and(|name| OWN.contains(&name)) => return Ok(()),
                // The run was erased.
                Err(PgError::Conflict { .. }) => return Err(PgError::NotFound),
                Err(error) if error.is_transient() && Instant::now() < until => sleep(PAUSE).await,
                Err(error) => return Err(error),
            }
        }
    }

    fn row(&self, key: CallKey, model: String, called: Called) -> CallRow {
        let state = match &called.outcome {
            Ok(_) => "ANSWERED",
            Err(_) if called.is_cancelled() => "CANCELLED",
            Err(_) => "FAILED",
        };
        let Called { outcome, spent } = called;
        let (answer, answered_by, reason) = match outcome {
            Ok(reply) => (Some(reply.text), Some(reply.by), None),
            Err(reason) => (None, None, Some(reason)),
        };
        CallRow {
            workspace_id: self.run.tenant,
            run_id: self.run.id,
            key: key.to_string(),
            attempt: self.run.attempt,
            model,
            answered_by,
            state: state.to_owned(),
            reason,
            answer,
            input_tokens: i64::try_from(spent.usage.input_tokens).unwrap_or(i64::MAX),
            output_tokens: i64::try_from(spent.usage.output_tokens).unwrap_or(i64::MAX),
            estimated: spent.usage.estimated,
            cost_micros: spent.cost_micros,
            elapsed_ms: i32::try_from(spent.elapsed.as_millis()).unwrap_or(i32::MAX),
            ended_at: self.app.clock.now(),
        }
    }
}
