//! Every event that partners may have, turned into deliveries for the endpoints that want it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use futures_util::future::try_join_all;
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
use crate::store::pull::{Reserved, Target, pull_reserve};
use crate::store::silences::silence_holds;

/// Events of one transaction.
const MOST: usize = 64;

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
        self.handle_many(tx, &[event]).await
    }

    fn most(&self) -> usize {
        MOST
    }

    async fn handle_many(&self, tx: &mut TenantTx<'_>, events: &[&Envelope]) -> Result<(), HandleError> {
        let wanted = wanting(tx, events).await?;
        let wanted = events.iter().zip(wanted).filter(|(_, targets)| !targets.is_empty());
        let messages: Vec<_> = wanted.map(|(event, targets)| (message(event), targets)).collect();
        if !messages.is_empty() {
            create(tx, &self.clock, messages).await?;
        }
        Ok(())
    }
}

fn message(event: &Envelope) -> NewMessage<'_> {
    NewMessage {
        id: event.id,
        event_type: &event.event_type,
        subject: &event.subject,
        occurred_at: event.time,
        data: &event.data,
        position: Some(Position::of(&event.source, &event.subject, event.sequence)),
        trace: Some(event.trace.clone()),
    }
}

/// Of each event the endpoints that want it. Those that do not take it now are looked at again under a lock, because what is held for them
/// must be there before they resume, and what they miss must be there to be recovered.
async fn wanting(tx: &mut TenantTx<'_>, events: &[&Envelope]) -> Result<Vec<Vec<Target>>, PgError> {
    let (by_type, silenced) = by_type(tx, events).await?;
    let all =
        || events.iter().map(|event| by_type.get(event.event_type.as_str()).map_or(&[][..], Vec::as_slice));
    let mut resting: BTreeMap<EndpointId, i64> = BTreeMap::new();
    for (endpoint, _) in all().flatten().filter(|(_, state)| *state != EndpointState::Enabled) {
        *resting.entry(*endpoint).or_default() += 1;
    }
    let reserved = if resting.is_empty() { Vec::new() } else { pull_reserve(tx, &resting).await? };
    let mut reserved: HashMap<EndpointId, Reserved> =
        reserved.into_iter().map(|reserved| (reserved.endpoint, reserved)).collect();
    let mut target = |(endpoint, state): &(EndpointId, EndpointState)| {
        let target = match state {
            EndpointState::Enabled => Target { endpoint: *endpoint, state: *state, place: None },
            // Deleted meanwhile if it is not there.
            _ => reserved.get_mut(endpoint)?.target(),
        };
        let held = silenced && target.state == EndpointState::Enabled;
        Some(Target { state: if held { EndpointState::Paused } else { target.state }, ..target })
    };
    Ok(all().map(|wanting| wanting.iter().filter_map(&mut target).collect()).collect())
}

type ByType<'e> = HashMap<&'e str, Vec<(EndpointId, EndpointState)>>;

/// The endpoints of each type, and whether nothing is sent for the workspace.
async fn by_type<'e>(tx: &mut TenantTx<'_>, events: &[&'e Envelope]) -> Result<(ByType<'e>, bool), PgError> {
    let types: BTreeSet<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
    let all = tx.pipeline();
    let found = types.into_iter().map(async |event_type| {
        let found = endpoint_wanting(all, &pattern::matching(event_type)).await?;
        Ok::<_, PgError>((event_type, found))
    });
    let (found, silenced) = try_join!(try_join_all(found), silence_holds(all))?;
    Ok((found.into_iter().collect(), silenced))
}
