//! How much of what is sent again in bulk goes to one endpoint at a time, behind what happens now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
use witan_ids::EndpointId;

/// How long one waits for its turn while it keeps a worker.
const PATIENCE: Duration = Duration::from_secs(1);
/// What was put off is looked for about every second.
const MARGIN: Duration = Duration::from_secs(2);
/// Endpoints that nothing is sent to are forgotten when there are so many.
const MOST_IDLE: usize = 1024;

/// The turns of every endpoint; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    limit: usize,
    endpoints: Arc<Mutex<HashMap<EndpointId, Turn>>>,
}

#[derive(Debug)]
struct Turn {
    places: Arc<Semaphore>,
    /// Something live was put off because the endpoint was busy, and comes back before then.
    waits_until: Option<Instant>,
}

impl Turns {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, endpoints: Arc::default() }
    }

    /// Waits for a turn, in the order of asking; none when that takes long, or when something live is to go first.
    pub(crate) async fn take(&self, endpoint: EndpointId) -> Option<OwnedSemaphorePermit> {
        let places = self.places(endpoint)?;
        let place = timeout(PATIENCE, places.acquire_owned()).await.ok()?.ok()?;
        // Meanwhile something live may have come.
        self.places(endpoint).map(|_| place)
    }

    /// Something live is put off for this long and then finds nothing in its way.
    pub(crate) fn give_way(&self, endpoint: EndpointId, wait: Duration) {
        let until = Instant::now() + wait + MARGIN;
        let mut endpoints = self.endpoints();
        self.turn(&mut endpoints, endpoint).waits_until = Some(until);
    }

    fn places(&self, endpoint: EndpointId) -> Option<Arc<Semaphore>> {
        let mut endpoints = self.endpoints();
        let turn = self.turn(&mut endpoints, endpoint);
        let free = turn.waits_until.is_none_or(|until| until <= Instant::now());
        free.then(|| turn.places.clone())
    }

    fn turn<'a>(&self, endpoints: &'a mut HashMap<EndpointId, Turn>, endpoint: EndpointId) -> &'a mut Turn {
        if endpoints.len() >= MOST_IDLE {
            let now = Instant::now();
            let needed = |turn: &Turn| {
                Arc::strong_count(&turn.places) > 1 || turn.waits_until.is_some_and(|until| until > now)
            };
            endpoints.retain(|_, turn| needed(turn));
        }
        let limit = self.limit;
        endpoints
            .entry(endpoint)
            .or_insert_with(|| Turn { places: Arc::new(Semaphore::new(limit)), waits_until: None })
    }

    fn endpoints(&self) -> MutexGuard<'_, HashMap<EndpointId, Turn>> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(number: u128) -> EndpointId {
        EndpointId::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_has_so_many_turns_and_a_place_is_given_on() {
        let turns = Turns::new(1);
        let first = turns.take(endpoint(1)).await.unwrap();
        assert!(turns.take(endpoint(1)).await.is_none());
        assert!(turns.take(endpoint(2)).await.is_some());
        let (second, ()) = tokio::join!(turns.take(endpoint(1)), async { drop(first) });
        assert!(second.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_live_goes_first() {
        let turns = Turns::new(2);
        let first = turns.take(endpoint(1)).await.unwrap();
        turns.give_way(endpoint(1), Duration::from_secs(1));
        assert!(turns.take(endpoint(1)).await.is_none());
        assert!(turns.take(endpoint(2)).await.is_some());
        drop(first);
        tokio::time::advance(Duration::from_secs(4)).await;
        assert!(turns.take(endpoint(1)).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn endpoints_that_are_idle_are_forgotten() {
        let turns = Turns::new(1);
        let kept = turns.take(endpoint(0)).await.unwrap();
        for number in 1..5_000 {
            drop(turns.take(endpoint(number)).await.unwrap());
        }
        assert!(turns.endpoints().len() <= MOST_IDLE);
        assert!(turns.take(endpoint(0)).await.is_none());
        drop(kept);
    }
}
