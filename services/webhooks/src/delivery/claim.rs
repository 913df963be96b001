use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::try_join;
use witan_clock::Clock;
use witan_pg::{PgError, TenantTx};

use super::create::DeliverJob;
use super::limits::{Admission, admit};
use super::ordered::Turn;
use crate::config::WebhooksConfig;
use crate::domain::state::{DeliveryState, EndpointState};
use crate::store::deliveries::{DeliveryRow, delivery_find, delivery_forget_stray, delivery_park};
use crate::store::due::due_find;
use crate::store::endpoints::{EndpointRow, endpoint_take_probe};
use crate::store::messages::{Message, message_find};
use crate::store::pull::pull_place;
use crate::store::secrets::{SecretRow, secret_live};
use crate::store::silences::silence_holds;

/// What an attempt takes besides the partner's time.
pub(crate) const MARGIN: Duration = Duration::from_secs(15);
const OPEN: &str = "the endpoint's breaker is open";

/// Everything one attempt needs.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) delivery: DeliveryRow,
    pub(crate) endpoint: Arc<EndpointRow>,
    pub(crate) secrets: Vec<SecretRow>,
    pub(crate) message: Message,
}

/// What a job finds when its time has come.
#[derive(Debug)]
pub(crate) enum Claim {
    Send(Box<Due>),
    /// Not before then.
    Wait(DateTime<Utc>, &'static str),
    /// It has a place then, by the endpoint's rate.
    At(DateTime<Utc>),
    /// It has no such place yet.
    Full,
    /// Others come before it.
    Behind,
    /// As many as the endpoint wants at a time are on their way.
    Busy,
    /// Nothing to do: delivered, begun anew by a resend, put aside, or deleted.
    Nothing(&'static str),
}

/// Reads what is due, and puts it aside if its endpoint no longer takes it.
pub(crate) async fn claim(
    tx: &mut TenantTx<'_>,
    job: &DeliverJob,
    clock: &Clock,
    config: &WebhooksConfig,
) -> Result<Claim, PgError> {
    let now = clock.now();
    let all = tx.pipeline();
    let (mut found, mut messages, secrets) = try_join!(
        due_find(all, from_ref(&job.delivery_id), from_ref(&job.endpoint_id)),
        message_find(all, from_ref(&job.message_id)),
        secret_live(all, from_ref(&job.endpoint_id), now)
    )?;
    let Some((found, message)) = found.remove(&job.delivery_id).zip(messages.remove(&job.message_id)) else {
        delivery_forget_stray(tx, job.delivery_id).await?;
        return Ok(Claim::Nothing("deleted"));
    };
    let (delivery, endpoint) = (found.delivery, found.endpoint);
    if delivery.state() != DeliveryState::Pending || delivery.round != job.round {
        return Ok(Claim::Nothing("outdated"));
    }
    let turn = if endpoint.ordered { Turn::take(tx, &delivery).await? } else { None };
    // Whoever had the turn before may have begun it.
    let delivery = if turn.is_some() { delivery_find(tx, delivery.id).await? } else { Some(delivery) };
    let Some(delivery) = delivery.filter(|delivery| delivery.round == job.round) else {
        return Ok(Claim::Nothing("outdated"));
    };
    if endpoint.state() != EndpointState::Enabled {
        let parked = park(tx, &delivery, now).await?;
        if let Some(turn) = turn {
            turn.advance(tx, clock).await?;
        }
        return Ok(parked);
    }
    if found.silenced && silence_holds(tx.pipeline()).await? {
        delivery_park(tx, delivery.id, DeliveryState::Held, None, None).await?;
        return Ok(Claim::Nothing("the workspace will be deleted"));
    }
    if let Some(turn) = turn
        && turn.must_wait(tx, &delivery).await?
    {
        return Ok(Claim::Behind);
    }
    if let Some(until) = endpoint.health().open_until(now) {
        return Ok(Claim::Wait(until, OPEN));
    }
    let lease = endpoint.timeout(config) + MARGIN;
    if let Some(open) = endpoint.health().probe(now)
        && !endpoint_take_probe(tx, endpoint.id, open, now + lease).await?
    {
        return Ok(Claim::Wait(now + lease, OPEN));
    }
    match admit(tx, &delivery, &endpoint, now, lease).await? {
        Admission::Now => {}
        Admission::Busy => return Ok(Claim::Busy),
        Admission::At(time) => return Ok(Claim::At(time)),
        Admission::Full => return Ok(Claim::Full),
    }
    Ok(Claim::Send(Box::new(Due { delivery, endpoint, secrets, message })))
}

/// Puts a delivery aside, unless its endpoint has resumed in this very moment; then it is looked at again.
async fn park(tx: &mut TenantTx<'_>, delivery: &DeliveryRow, now: DateTime<Utc>) -> Result<Claim, PgError> {
    let Some(target) = pull_place(tx, delivery.endpoint_id).await? else {
        return Ok(Claim::Nothing("deleted"));
    };
    let (state, finished_at, why) = match target.state {
        EndpointState::Paused | EndpointState::Unverified => (DeliveryState::Held, None, "paused"),
        EndpointState::Pulled => (DeliveryState::Held, None, "fetched"),
        EndpointState::Disabled => (DeliveryState::Cancelled, Some(now), "disabled"),
        EndpointState::Enabled => return Ok(Claim::Wait(now, "resumed")),
    };
    delivery_park(tx, delivery.id, state, finished_at, target.place).await?;
    Ok(Claim::Nothing(why))
}
