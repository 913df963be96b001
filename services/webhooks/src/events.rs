//! Every event that partners may have, turned into deliveries for the endpoints that want it.

use async_trait::async_trait;
use futures_util::try_join;
use witan_clock::Clock;
use witan_events::{Envelope, HandleError, TenantHandler};
use witan_ids::EndpointId;
use witan_pg::{PgError, TenantTx};

use crate::catalogue::public_types;
use crate::delivery::create::{NewMessage, create};
use crate::domain::order::Position;
use crate::domain::pattern;
use crate::domain::state::EndpointState;
use crate::store::endpoints::endpoint_wanting;
use crate::store::pull::{Target, pull_place};
use crate::store::silences::silence_holds;

/// Runs in the transaction of the inbox: an event becomes its deliveries once, however often it arrives.
pub(crate) struct FanOut {
    pub(crate) clock: Clock,
}

#[async_trait]
impl TenantHandler for FanOut {
    fn name(&self) -> &'static str {
        "deliveries"
    }

    fn patterns(&self) -> &'static [&'static str] {
        public_types()
    }

    async fn handle(&self, tx: &mut TenantTx<'_>, event: &Envelope) -> Result<(), HandleError> {
        let (mut targets, silenced) = wanting(tx, &event.event_type).await?;
        if targets.is_empty() {
            return Ok(());
        }
        if silenced {
            let enabled = targets.iter_mut().filter(|target| target.state == EndpointState::Enabled);
            enabled.for_each(|target| target.state = EndpointState::Paused);
        }
        let message = NewMessage {
            id: event.id,
            event_type: &event.event_type,
            subject: &event.subject,
            occurred_at: event.time,
            data: &event.data,
            position: Some(Position::of(&event.source, &event.subject, event.sequence)),
        };
        create(tx, &self.clock, message, &targets).await?;
        Ok(())
    }
}

/// The endpoints of a type, and whether nothing is sent for the workspace. Those endpoints that do not take it now are looked at again under a lock, because what is held for them
/// must be there before they resume, and what they miss must be there to be recovered.
async fn wanting(tx: &mut TenantTx<'_>, event_type: &str) -> Result<(Vec<Target>, bool), PgError> {
    let (both, patterns) = (tx.pipeline(), pattern::matching(event_type));
    let (found, silenced) = try_join!(endpoint_wanting(both, &patterns), silence_holds(both))?;
    let (enabled, resting): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, state)| *state == EndpointState::Enabled);
    let enabled = enabled.into_iter().map(|(endpoint, state)| Target { endpoint, state, place: None });
    let mut targets: Vec<Target> = enabled.collect();
    if !resting.is_empty() {
        let ids: Vec<EndpointId> = resting.into_iter().map(|(id, _)| id).collect();
        targets.extend(pull_place(tx, &ids).await?);
    }
    Ok((targets, silenced))
}
