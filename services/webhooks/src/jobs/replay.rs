//! Puts the deliveries of a replay on their way, as many at a time as leaves the endpoint free for what happens now.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use witan_jobs::{Job, JobError, Outcome, Worker};
use witan_pg::{PgError, TenantTx};

use crate::app::App;
use crate::delivery::create::{REPLAYED, enqueue_as};
use crate::delivery::replay::{KIND, Payload};
use crate::domain::replay::{BACKLOG, ReplayState};
use crate::domain::state::EndpointState;
use crate::store::endpoints::{EndpointRow, endpoint_find};
use crate::store::replayed::{replayed_pending, replayed_restart};
use crate::store::replays::{ReplayRow, replay_advance, replay_finish, replay_lock};
use crate::store::silences::silence_holds;

/// Until some of a batch has arrived.
const NEXT: Duration = Duration::from_millis(25);
/// How long one replay is looked after before others have their turn.
const TURN: Duration = Duration::from_secs(5);
/// Until somebody resumes the endpoint.
const PAUSED: Duration = Duration::from_secs(5);
const UNAVAILABLE: Duration = Duration::from_secs(2);
/// Replays of one process at a time.
const CONCURRENCY: usize = 4;

/// The worker of replays.
pub(crate) struct ReplayJob(pub(crate) App);

/// What is left to do after a step.
enum Next {
    Nothing,
    Soon,
    Paused,
}

impl ReplayJob {
    /// Goes on for a while. The row's lock and position make every step one that others may repeat: whoever lost the
    /// job's lease does no harm.
    async fn turn(&self, job: &Job, payload: &Payload) -> Result<(), JobError> {
        let began = Instant::now();
        loop {
            let step = async |tx: &mut TenantTx<'_>| self.advance(tx, payload).await;
            match self.0.pg.tenant("webhooks.replay", payload.workspace_id, step).await? {
                Next::Nothing => return Ok(()),
                Next::Paused => return self.put_back(job, PAUSED).await,
                Next::Soon if began.elapsed() >= TURN => return self.put_back(job, NEXT).await,
                Next::Soon => tokio::time::sleep(NEXT).await,
            }
        }
    }

    /// No failure: it has gone as far as it can for now.
    async fn put_back(&self, job: &Job, wait: Duration) -> Result<(), JobError> {
        let at = self.0.clock.now() + wait;
        self.0.pg.tx("webhooks.replay_later", async |tx| job.retry_at(tx, at).await).await
    }

    async fn advance(&self, tx: &mut TenantTx<'_>, payload: &Payload) -> Result<Next, PgError> {
        let (clock, id) = (&self.0.clock, payload.replay_id);
        let Some(replay) = replay_lock(tx, id).await? else { return Ok(Next::Nothing) };
        if replay.state() != ReplayState::Running {
            return Ok(Next::Nothing);
        }
        let Some(endpoint) = endpoint_find(tx, replay.endpoint_id).await? else { return Ok(Next::Nothing) };
        match endpoint.state() {
            // What it was sent now would be lost on it; who enables it again asks again.
            EndpointState::Disabled => {
                replay_finish(tx, id, ReplayState::Cancelled, clock.now()).await?;
                return Ok(Next::Nothing);
            }
            EndpointState::Paused | EndpointState::Unverified => return Ok(Next::Paused),
            EndpointState::Enabled if silence_holds(tx.pipeline()).await? => return Ok(Next::Paused),
            EndpointState::Enabled | EndpointState::Pulled => {}
        }
        self.batch(tx, &replay, backlog(&endpoint)).await
    }

    async fn batch(&self, tx: &mut TenantTx<'_>, replay: &ReplayRow, backlog: i64) -> Result<Next, PgError> {
        let clock = &self.0.clock;
        let room = backlog - replayed_pending(tx, replay.id).await?;
        if room < (backlog / 2).max(1) {
            return Ok(Next::Soon);
        }
        let batch = replayed_restart(tx, replay, room, clock.now()).await?;
        let Some(last) = batch.last else {
            replay_finish(tx, replay.id, ReplayState::Completed, clock.now()).await?;
            return Ok(Next::Nothing);
        };
        enqueue_as(tx.pipeline(), clock, REPLAYED, &batch.rows).await?;
        let sent = i64::try_from(batch.rows.len()).unwrap_or(i64::MAX);
        replay_advance(tx, replay.id, last.uuid(), sent).await?;
        Ok(Next::Soon)
    }
}

/// No more than the endpoint takes in a second: what happens now has the next place.
fn backlog(endpoint: &EndpointRow) -> i64 {
    let in_a_second = [endpoint.rate_limit, endpoint.allowed_rate.map(|limit| limit / 60)];
    let least = in_a_second.into_iter().flatten().min();
    least.map_or(BACKLOG, |limit| i64::from(limit).clamp(1, BACKLOG))
}

#[async_trait]
impl Worker for ReplayJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    async fn run(&self, job: &Job) -> Outcome {
        let payload: Payload = match serde_json::from_value(job.payload.clone()) {
            Ok(payload) => payload,
            Err(error) => return Outcome::Dead { reason: error.to_string() },
        };
        match self.turn(job, &payload).await {
            // Somebody else has it now and goes on.
            Ok(()) | Err(JobError::Lost(_)) => Outcome::Done,
            Err(error) => Outcome::Retry { after: UNAVAILABLE, reason: error.to_string() },
        }
    }
}
