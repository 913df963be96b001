use chrono::{DateTime, Utc};
use serde_json::json;
use witan_clock::Clock;
use witan_jobs::{NewJob, enqueue};
use witan_pg::{PgError, TenantTx};
use witan_web::{Problem, codes};

use crate::receipt::State;
use crate::store::{receipt_finish, receipt_insert, receipt_lock};

/// The last waits are an hour long: more than half a day in all.
pub(crate) const ATTEMPTS: i32 = 24;

/// A request whose signature holds.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The sender's id for the event, at most 255 bytes.
    pub event_id: &'a str,
    /// The body as it was signed.
    pub body: &'a [u8],
    /// When it was signed, if the scheme says so.
    pub signed_at: Option<DateTime<Utc>>,
}

/// Whether there is something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It came for the first time, and will be processed.
    New,
    /// It came before and had been given up; it will be processed once more.
    Again,
    /// It came before; nothing more will be done.
    Repeated,
}

/// Keeps what came, and the job that processes it, in the caller's transaction: once that has committed, nothing is lost.
///
/// `source` is the [`Handler`](crate::Handler)'s.
///
/// # Errors
/// 409 when the id came before with another body.
pub async fn receive(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    source: &'static str,
    arrival: Arrival<'_>,
) -> Result<Received, Problem> {
    let now = clock.now();
    let received = if receipt_insert(tx, source, &arrival, now).await? {
        Received::New
    } else {
        let kept = receipt_lock(tx, source, arrival.event_id).await?.ok_or(PgError::NotFound)?;
        if kept.body != arrival.body {
            return Err(Problem::new(&codes::inbound::EVENT_CONFLICT));
        }
        if kept.state == State::Processed.as_str() {
            return Ok(Received::Repeated);
        }
        if kept.state == State::Failed.as_str() {
            receipt_finish(tx, source, arrival.event_id, State::Pending, now, None).await?;
            Received::Again
        } else {
            Received::Repeated
        }
    };
    // Of one that waits there is a job already, unless it took every process with it that tried.
    let payload = json!({ "workspaceId": tx.workspace_id(), "eventId": arrival.event_id });
    let key = format!("{}:{}", tx.workspace_id(), arrival.event_id);
    enqueue(tx, clock, NewJob::new(source, payload).dedupe(key).max_attempts(ATTEMPTS)).await?;
    Ok(received)
}
