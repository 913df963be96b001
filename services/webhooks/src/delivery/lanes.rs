//! How many deliveries one endpoint has on the way, so that a slow one does not take all workers, and when those that find no place come
//! back.
//!
//! A few wait here, as long as the endpoint gets on. The others are put off, each by as much as the endpoint needs for those before it.
//! Whoever frees a place calls back the one that was put off first: so the endpoint never rests while something is there for it, and nobody
//! comes back again and again to find no place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
use witan_ids::{EndpointId, JobId};

use super::put_off::PutOff;

/// How long one waits here for a place while it keeps a worker.
const PATIENCE: Duration = Duration::from_millis(500);
/// An endpoint that has freed no place for so long does not get on.
const STUCK: Duration = Duration::from_millis(250);
/// Nobody comes back sooner than this,
const SOONEST: Duration = Duration::from_millis(250);
/// or later, however many are before them, when nobody calls them back.
const LATEST: Duration = Duration::from_secs(30);
/// Of an endpoint of which it is not known yet.
const PACE: Duration = Duration::from_millis(20);
/// Endpoints that nothing is sent to are forgotten when there are so many.
const MOST_IDLE: usize = 1024;

/// The lanes of every endpoint; clones share them.
#[derive(Clone)]
pub(crate) struct Lanes {
    limit: usize,
    call_back: Arc<dyn Fn(JobId) + Send + Sync>,
    lanes: Arc<Mutex<HashMap<EndpointId, Lane>>>,
}

#[derive(Debug)]
struct Lane {
    places: Arc<Semaphore>,
    waiting: usize,
    /// When a place got free.
    freed: Option<Instant>,
    /// From one place that gets free to the next, while all are taken: a moving average.
    pace: Duration,
    /// When the next one that is put off comes back.
    next: Option<Instant>,
    put_off: PutOff,
}

/// A place; given back when dropped.
pub(crate) struct Place {
    lanes: Lanes,
    endpoint: EndpointId,
    permit: Option<OwnedSemaphorePermit>,
    in_vain: bool,
}

impl Lanes {
    /// With so many places each. `call_back` lets one that was put off come at once; it must not wait for anything.
    pub(crate) fn new(limit: usize, call_back: impl Fn(JobId) + Send + Sync + 'static) -> Self {
        Self { limit, call_back: Arc::new(call_back), lanes: Arc::default() }
    }

    /// A place for a job, if the endpoint has one left or will have one in a moment.
    pub(crate) async fn enter(&self, endpoint: EndpointId, job: JobId) -> Option<Place> {
        self.with(endpoint, |lane| lane.put_off.come(job));
        let (places, _waiting) = match self.try_enter(endpoint) {
            Ok(place) => return Some(place),
            Err(wait) => wait?,
        };
        let permit = timeout(PATIENCE, places.acquire_owned()).await.ok()?.ok()?;
        Some(self.place(endpoint, permit))
    }

    /// After how long one that found no place should ask again, unless it is called back, which it can be when it
    /// [`has_left`](Self::has_left).
    pub(crate) fn put_off(&self, endpoint: EndpointId, job: JobId) -> Duration {
        let now = Instant::now();
        self.with(endpoint, |lane| {
            lane.put_off.leave(job);
            let soonest = now + SOONEST;
            let next = lane.next.map_or(soonest, |next| next.max(soonest)).min(now + LATEST);
            lane.next = Some(next + lane.pace);
            next - now
        })
    }

    /// Its being put off is committed.
    pub(crate) fn has_left(&self, endpoint: EndpointId, job: JobId) {
        let next = self.with(endpoint, |lane| lane.put_off.has_left(job));
        next.into_iter().for_each(|job| (self.call_back)(job));
    }

    fn try_enter(&self, endpoint: EndpointId) -> Result<Place, Option<(Arc<Semaphore>, Waiting)>> {
        let entered = self.with(endpoint, |lane| {
            if let Ok(permit) = lane.places.clone().try_acquire_owned() {
                return Ok(permit);
            }
            let moves = lane.freed.is_some_and(|at| at.elapsed() < STUCK);
            if !moves || lane.waiting >= self.limit {
                return Err(None);
            }
            lane.waiting += 1;
            Err(Some(lane.places.clone()))
        });
        match entered {
            Ok(permit) => Ok(self.place(endpoint, permit)),
            Err(places) => Err(places.map(|places| (places, Waiting { lanes: self.clone(), endpoint }))),
        }
    }

    fn place(&self, endpoint: EndpointId, permit: OwnedSemaphorePermit) -> Place {
        Place { lanes: self.clone(), endpoint, permit: Some(permit), in_vain: false }
    }

    fn with<T>(&self, endpoint: EndpointId, work: impl FnOnce(&mut Lane) -> T) -> T {
        let mut lanes = self.lanes();
        if lanes.len() >= MOST_IDLE {
            lanes.retain(|_, lane| !lane.is_idle(self.limit));
        }
        work(lanes.entry(endpoint).or_insert_with(|| Lane::new(self.limit)))
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<EndpointId, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    fn new(limit: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limit)),
            waiting: 0,
            freed: None,
            pace: PACE,
            next: None,
            put_off: PutOff::default(),
        }
    }

    /// Says that a place gets free.
    fn free(&mut self) {
        let now = Instant::now();
        if let Some(before) = self.freed
            && self.places.available_permits() == 0
        {
            self.pace = (self.pace * 7 + (now - before).min(LATEST)) / 8;
        }
        self.freed = Some(now);
    }

    /// Who comes next when a place got free: one for one, and a second one where few are left who wait.
    fn call_back(&mut self, limit: usize) -> Vec<JobId> {
        let most = if self.waiting < limit / 2 { 2 } else { 1 };
        self.put_off.call(most)
    }

    fn is_idle(&self, limit: usize) -> bool {
        let expected = self.next.is_some_and(|next| next > Instant::now());
        self.waiting == 0 && !expected && self.places.available_permits() == limit
    }
}

impl Place {
    /// Gives it back as if it had not been taken: whoever had it found that the endpoint takes no more, and so would the next one.
    pub(crate) fn leave_in_vain(mut self) {
        self.in_vain = true;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let permit = self.permit.take();
        if self.in_vain {
            return drop(permit);
        }
        let next = self.lanes.with(self.endpoint, |lane| {
            lane.free();
            drop(permit);
            lane.call_back(self.lanes.limit)
        });
        next.into_iter().for_each(|job| (self.lanes.call_back)(job));
    }
}

/// One that waits for a place.
struct Waiting {
    lanes: Lanes,
    endpoint: EndpointId,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.lanes.with(self.endpoint, |lane| lane.waiting = lane.waiting.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn endpoint(number: u128) -> EndpointId {
        EndpointId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn job(number: u128) -> JobId {
        JobId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn lanes(limit: usize) -> Lanes {
        Lanes::new(limit, |_| {})
    }

    fn enter(lanes: &Lanes, number: u128) -> Option<Place> {
        lanes.enter(endpoint(number), job(0)).now_or_never().flatten()
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_has_its_share_and_no_more() {
        let lanes = lanes(2);
        let first = enter(&lanes, 1).unwrap();
        let _second = enter(&lanes, 1).unwrap();
        assert!(enter(&lanes, 1).is_none());
        assert!(enter(&lanes, 2).is_some());
        drop(first);
        assert!(enter(&lanes, 1).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_wait_as_may_be_on_the_way_and_only_while_it_gets_on() {
        let lanes = lanes(1);
        let held = enter(&lanes, 1).unwrap();
        assert!(lanes.enter(endpoint(1), job(0)).now_or_never().unwrap().is_none(), "it has never got on");
        drop(held);
        let held = enter(&lanes, 1).unwrap();
        let mut waits = Box::pin(lanes.enter(endpoint(1), job(0)));
        assert!(waits.as_mut().now_or_never().is_none());
        assert!(lanes.enter(endpoint(1), job(0)).now_or_never().unwrap().is_none(), "one waits already");
        drop(held);
        let held = waits.await.unwrap();
        tokio::time::advance(STUCK).await;
        assert!(lanes.enter(endpoint(1), job(0)).now_or_never().unwrap().is_none(), "it is stuck");
        drop(held);
        let _held = enter(&lanes, 1).unwrap();
        assert!(lanes.enter(endpoint(1), job(0)).await.is_none(), "nobody waits for ever");
    }

    #[tokio::test(start_paused = true)]
    async fn those_put_off_come_back_at_the_pace_of_the_endpoint() {
        let lanes = lanes(1);
        for _ in 0..100 {
            let held = enter(&lanes, 1).unwrap();
            tokio::time::advance(Duration::from_millis(40)).await;
            drop(held);
        }
        let waits: Vec<Duration> = (0..900).map(|number| lanes.put_off(endpoint(1), job(number))).collect();
        assert_eq!(waits[0], SOONEST);
        let step = (waits[100] - waits[0]) / 100;
        assert!((39..=41).contains(&step.as_millis()), "{step:?}");
        assert_eq!(waits[899], LATEST);
        assert_eq!(lanes.put_off(endpoint(2), job(0)), SOONEST, "nobody is before it");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_frees_a_place_calls_those_who_were_put_off_in_their_order() {
        let called = Arc::new(Mutex::new(Vec::new()));
        let calls = called.clone();
        let lanes = Lanes::new(2, move |job| calls.lock().unwrap().push(job));
        let taken = || std::mem::take(&mut *called.lock().unwrap());
        let (held, other) = (enter(&lanes, 1).unwrap(), enter(&lanes, 1).unwrap());
        for number in [5, 3, 4, 6, 7] {
            lanes.put_off(endpoint(1), job(number));
            lanes.has_left(endpoint(1), job(number));
        }
        lanes.put_off(endpoint(2), job(1));
        drop(held);
        assert_eq!(taken(), [job(3), job(4)], "nobody waits: two of them");
        enter(&lanes, 1).unwrap().leave_in_vain();
        assert_eq!(taken(), [], "who was called found that the endpoint takes no more");
        let back = lanes.enter(endpoint(1), job(5)).await.unwrap();
        let mut waits = Box::pin(lanes.enter(endpoint(1), job(0)));
        assert!(waits.as_mut().now_or_never().is_none());
        drop(other);
        assert_eq!(taken(), [job(6)], "one waits already, and the fifth came by itself");
        drop((back, waits.await.unwrap()));
        assert_eq!(taken(), [job(7)]);
        let held = enter(&lanes, 1).unwrap();
        lanes.put_off(endpoint(1), job(8));
        drop(held);
        assert_eq!(taken(), [], "a call would come before it has left");
        lanes.has_left(endpoint(1), job(8));
        assert_eq!(taken(), [job(8)]);
    }

    #[tokio::test(start_paused = true)]
    async fn idle_ones_are_forgotten() {
        let lanes = lanes(1);
        let held = enter(&lanes, 0).unwrap();
        lanes.put_off(endpoint(1), job(1));
        for number in 2..3000 {
            drop(enter(&lanes, number));
        }
        assert!(lanes.lanes().len() <= MOST_IDLE);
        assert!(enter(&lanes, 0).is_none() && lanes.put_off(endpoint(1), job(2)) > SOONEST);
        drop(held);
    }
}
