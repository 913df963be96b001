//! Makes the attempts. Who holds a job's lease sends; everything else about it is in [`crate::delivery`].

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Deserialize as _;
use tokio::time::Instant;
use witan_jobs::{Job, JobError, Outcome as JobOutcome, Worker};
use witan_lifecycle::Lifecycle;
use witan_pg::TenantTx;

use crate::app::App;
use crate::delivery::batches::Batches;
use crate::delivery::claim::{Claim, Due, MARGIN, claim};
use crate::delivery::create::{DeliverJob, KIND, REPLAYED};
use crate::delivery::lanes::Lanes;
use crate::delivery::ordered::{LOOK_AGAIN, Turn};
use crate::delivery::record::{Attempted, record};
use crate::delivery::settle::Arrived;
use crate::delivery::turns::Turns;
use crate::delivery::{metrics, send};
use crate::domain::outcome::Outcome;
use crate::domain::rate::ASK_AGAIN;
use crate::domain::schedule::jitter;

/// When what is sent again in bulk has to give way.
const BUSY: Duration = Duration::from_millis(500);
/// When the database is away; the job's row says so to whoever finds it.
const UNAVAILABLE: Duration = Duration::from_secs(2);

/// The worker of all deliveries of this process, or of those that are sent again in bulk.
pub(crate) struct Deliver {
    app: App,
    batches: Batches,
    lanes: Lanes,
    turns: Turns,
    /// [`KIND`] or [`REPLAYED`].
    kind: &'static str,
}

impl Deliver {
    pub(crate) fn new(app: App, lifecycle: &Lifecycle) -> Self {
        let batches = Batches::new(&app, lifecycle);
        let calls = batches.clone();
        let lanes = Lanes::new(app.config.per_endpoint, move |job| calls.call(job));
        let turns = Turns::new((app.config.per_endpoint / 2).max(1));
        Self { app, batches, lanes, turns, kind: KIND }
    }

    /// The same for deliveries that are sent again in bulk, with the same shares of endpoints.
    pub(crate) fn replayed(&self) -> Self {
        let (app, batches) = (self.app.clone(), self.batches.clone());
        let (lanes, turns) = (self.lanes.clone(), self.turns.clone());
        Self { app, batches, lanes, turns, kind: REPLAYED }
    }

    /// What is sent again in bulk takes its turn first.
    async fn take_turn(&self, job: &Job, payload: &DeliverJob) -> Result<JobOutcome, JobError> {
        let Some(_turn) = self.turns.take(payload.endpoint_id).await else {
            return Ok(later(self.soon(BUSY), "others of the endpoint are sent again"));
        };
        self.attempt(job, payload).await
    }

    async fn attempt(&self, job: &Job, payload: &DeliverJob) -> Result<JobOutcome, JobError> {
        let Some(place) = self.lanes.enter(payload.endpoint_id, job.id).await else {
            return Ok(self.busy(job, payload, "the endpoint has its share of workers"));
        };
        if let Some(due) = self.batches.glance(payload).await {
            return self.send(job, payload, due, true).await;
        }
        let app = &self.app;
        let now = app.clock.now();
        let take = async |tx: &mut TenantTx<'_>| claim(tx, payload, &app.clock, &app.config).await;
        let claimed = app.pg.tenant("webhooks.claim", payload.workspace_id, take).await?;
        match claimed {
            Claim::Nothing(why) => {
                tracing::debug!(delivery = %payload.delivery_id, why, "nothing to deliver");
                Ok(JobOutcome::Done)
            }
            Claim::Wait(until, why) => Ok(later(self.after(until, now), why)),
            Claim::At(time) => Ok(later((time - now).to_std().unwrap_or_default(), "the endpoint's rate")),
            Claim::Behind => Ok(later(self.soon(LOOK_AGAIN), "others come before it")),
            Claim::Full => Ok(later(self.soon(ASK_AGAIN), "the endpoint's rate")),
            Claim::Busy => {
                place.leave_in_vain();
                Ok(self.busy(job, payload, "as many are on their way as the endpoint wants"))
            }
            Claim::Send(due) => self.send(job, payload, *due, false).await,
        }
    }

    /// `plain` says that nothing but the delivery itself is to be written when it arrives.
    async fn send(
        &self,
        job: &Job,
        payload: &DeliverJob,
        due: Due,
        plain: bool,
    ) -> Result<JobOutcome, JobError> {
        let app = &self.app;
        let (started_at, began) = (app.clock.now(), Instant::now());
        let timeout = due.endpoint.timeout(&app.config);
        // A resend begins late on purpose.
        let live = (due.delivery.round == 1).then_some((due.message.occurred_at, due.delivery.attempts == 0));
        let ordered = due.endpoint.ordered.then(|| due.delivery.clone());
        let signed = match send::sign(&app.seals, due, started_at) {
            Ok(signed) => signed,
            Err(error) => return Ok(JobOutcome::Dead { reason: error.to_string() }),
        };
        let result = send::send(&app.guarded, timeout, signed).await;
        let attempted = Arc::new(Attempted::new(started_at, began.elapsed(), &result, app.clock.now()));
        metrics::attempt(attempted.outcome, attempted.elapsed);
        if let Some((occurred_at, first)) = live.filter(|_| attempted.outcome == Outcome::Succeeded) {
            metrics::arrived(occurred_at, app.clock.now(), first);
        }
        tracing::info!(
            delivery = %payload.delivery_id,
            endpoint = %payload.endpoint_id,
            outcome = attempted.outcome.as_str(),
            "delivery attempted"
        );
        if plain && attempted.outcome == Outcome::Succeeded {
            let (job, delivery) = (job.clone(), payload.clone());
            if self.batches.settle(Arrived { job, delivery, attempted: attempted.clone() }).await {
                return Ok(JobOutcome::Done);
            }
        }
        let write = async |tx: &mut TenantTx<'_>| -> Result<(), JobError> {
            let turn = match &ordered {
                Some(delivery) => Turn::take(tx, delivery).await?,
                None => None,
            };
            if let Some(next) = record(tx, &app.clock, &app.config, payload, &attempted).await? {
                return job.retry_at(tx, next).await;
            }
            if let Some(turn) = turn {
                turn.advance(tx, &app.clock).await?;
            }
            job.complete(tx).await
        };
        app.pg.tenant("webhooks.record", payload.workspace_id, write).await?;
        Ok(JobOutcome::Done)
    }

    fn soon(&self, wait: Duration) -> Duration {
        jitter(wait, &self.app.clock)
    }

    fn busy(&self, job: &Job, payload: &DeliverJob, why: &'static str) -> JobOutcome {
        if self.kind == REPLAYED {
            return later(self.soon(BUSY), why);
        }
        let wait = self.soon(self.lanes.put_off(payload.endpoint_id, job.id));
        self.turns.give_way(payload.endpoint_id, wait);
        later(wait, why)
    }

    /// A little after that time, so that what waited does not arrive as one.
    fn after(&self, until: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
        (until - now).to_std().unwrap_or_default() + self.soon(BUSY)
    }
}

fn later(after: Duration, reason: &'static str) -> JobOutcome {
    JobOutcome::Later { after, reason }
}

#[async_trait]
impl Worker for Deliver {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn concurrency(&self) -> usize {
        self.app.config.workers
    }

    fn lease(&self) -> Duration {
        self.app.config.timeout + MARGIN
    }

    fn was_put_off(&self, job: &Job) {
        if let Ok(payload) = DeliverJob::deserialize(&job.payload)
            && self.kind == KIND
        {
            self.lanes.has_left(payload.endpoint_id, job.id);
        }
    }

    async fn run(&self, job: &Job) -> JobOutcome {
        let payload = match DeliverJob::deserialize(&job.payload) {
            Ok(payload) => payload,
            Err(error) => return JobOutcome::Dead { reason: error.to_string() },
        };
        let attempted = match self.kind {
            REPLAYED => self.take_turn(job, &payload).await,
            _ => self.attempt(job, &payload).await,
        };
        match attempted {
            Ok(outcome) => outcome,
            // Somebody else has it now and will find out for themselves.
            Err(JobError::Lost(_)) => JobOutcome::Done,
            Err(error) => {
                tracing::warn!(%error, delivery = %payload.delivery_id, "a delivery was not written down");
                JobOutcome::Retry {
                    after: self.soon(UNAVAILABLE),
                    reason: "the database did not take it".to_owned(),
                }
            }
        }
    }
}
