//! How many deliveries one endpoint has on the way, so that a slow one does not take all workers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use witan_ids::EndpointId;

/// Counts by endpoint; an endpoint with nothing on the way has no entry.
#[derive(Debug, Clone)]
pub(crate) struct Lanes {
    limit: usize,
    counts: Arc<Mutex<HashMap<EndpointId, usize>>>,
}

/// A place; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    lanes: Lanes,
    endpoint: EndpointId,
}

impl Lanes {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, counts: Arc::default() }
    }

    /// A place, if the endpoint has one left.
    pub(crate) fn enter(&self, endpoint: EndpointId) -> Option<Place> {
        let mut counts = self.counts();
        let count = counts.entry(endpoint).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Place { lanes: self.clone(), endpoint })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<EndpointId, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.lanes.counts();
        if let Some(count) = counts.get_mut(&self.endpoint) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.endpoint);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_its_share_and_no_more() {
        let lanes = Lanes::new(2);
        let (one, other) = (
            EndpointId::from_uuid(uuid::Uuid::from_u128(1)),
            EndpointId::from_uuid(uuid::Uuid::from_u128(2)),
        );
        let first = lanes.enter(one).unwrap();
        let _second = lanes.enter(one).unwrap();
        assert!(lanes.enter(one).is_none());
        assert!(lanes.enter(other).is_some());
        drop(first);
        assert!(lanes.enter(one).is_some());
        assert_eq!(lanes.counts().len(), 1);
    }
}
