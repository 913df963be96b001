//! One job for each receipt. The handler's writes, the state of the receipt and the end of the job are one transaction: a worker
//! that dies before it leaves everything to the next one, and one that lost its lease cannot commit.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use serde::Deserialize;
use witan_clock::Clock;
use witan_ids::WorkspaceId;
use witan_jobs::{Job, JobError, Outcome, Worker};
use witan_pg::{Pg, PgError, SystemTx};

use crate::receipt::State;
use crate::store::{receipt_finish, receipt_lock, receipt_prune};
use crate::{HandleError, Handler, Receipt};

const CONCURRENCY: usize = 4;
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// An error may carry a whole page of somebody's HTML.
const LONGEST_ERROR: usize = 500;

/// The worker that hands receipts to their handler.
pub struct Receipts<H> {
    /// The database.
    pub pg: Pg,
    /// The time.
    pub clock: Clock,
    /// Who processes them.
    pub handler: H,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    workspace_id: WorkspaceId,
    event_id: String,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Handler(#[from] HandleError),
    #[error(transparent)]
    Job(#[from] JobError),
}

impl From<PgError> for Failure {
    fn from(error: PgError) -> Self {
        Self::Handler(error.into())
    }
}

#[async_trait]
impl<H: Handler> Worker for Receipts<H> {
    fn kind(&self) -> &'static str {
        self.handler.source()
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    async fn run(&self, job: &Job) -> Outcome {
        let payload: Payload = match serde_json::from_value(job.payload.clone()) {
            Ok(payload) => payload,
            Err(error) => return Outcome::Dead { reason: error.to_string() },
        };
        let process = async |tx: &mut SystemTx<'_>| self.process(tx, job, &payload).await;
        // The transaction of a panic is rolled back by closing its connection.
        let processed = AssertUnwindSafe(self.pg.tx("inbound.process", process)).catch_unwind().await;
        let panicked = || Err(HandleError::Retry("the handler panicked".into()).into());
        match processed.unwrap_or_else(|_| panicked()) {
            Ok(()) => Outcome::Done,
            Err(Failure::Job(error)) => retry(job, &error),
            Err(Failure::Handler(HandleError::Refused(reason))) => self.give_up(job, &payload, reason).await,
            Err(Failure::Handler(error)) if job.attempt >= job.max_attempts => {
                self.give_up(job, &payload, error.to_string()).await
            }
            Err(Failure::Handler(error)) => retry(job, &error),
        }
    }
}

impl<H: Handler> Receipts<H> {
    async fn process(&self, tx: &mut SystemTx<'_>, job: &Job, payload: &Payload) -> Result<(), Failure> {
        let (source, workspace_id, id) = (self.handler.source(), payload.workspace_id, &payload.event_id);
        let kept = receipt_lock(&mut tx.tenant(workspace_id), source, id).await?;
        // Gone with its workspace, or processed by a worker that was thought to be dead.
        if let Some(kept) = kept.filter(|kept| kept.state == State::Pending.as_str()) {
            let receipt = Receipt {
                workspace_id,
                source: source.to_owned(),
                event_id: id.clone(),
                body: kept.body,
                signed_at: kept.signed_at,
                received_at: kept.received_at,
            };
            self.handler.handle(tx, &receipt).await?;
            let (mut tenant, now) = (tx.tenant(workspace_id), self.clock.now());
            receipt_finish(&mut tenant, source, id, State::Processed, now, None).await?;
            receipt_prune(&mut tenant, source, now).await?;
        }
        Ok(job.complete(tx).await?)
    }

    /// What the handler did is rolled back; that it gave up is kept.
    async fn give_up(&self, job: &Job, payload: &Payload, reason: String) -> Outcome {
        let (source, now) = (self.handler.source(), self.clock.now());
        let reason = reason[..reason.floor_char_boundary(LONGEST_ERROR)].to_owned();
        tracing::warn!(source, event = payload.event_id, reason, "what was received cannot be processed");
        let fail = async |tx: &mut SystemTx<'_>| -> Result<(), Failure> {
            let mut tenant = tx.tenant(payload.workspace_id);
            if receipt_lock(&mut tenant, source, &payload.event_id).await?.is_some() {
                receipt_finish(&mut tenant, source, &payload.event_id, State::Failed, now, Some(&reason))
                    .await?;
            }
            Ok(job.complete(tx).await?)
        };
        match self.pg.tx("inbound.give_up", fail).await {
            Ok(()) => Outcome::Done,
            Err(error) => retry(job, &error),
        }
    }
}

/// 2 s, 4 s, 8 s and so on, up to an hour.
fn retry(job: &Job, error: &dyn std::error::Error) -> Outcome {
    let exponent = job.attempt.clamp(1, 12).unsigned_abs();
    let after = Duration::from_secs(1 << exponent).min(LONGEST_PAUSE);
    Outcome::Retry { after, reason: error.to_string() }
}
