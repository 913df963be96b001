use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::gcra::{self, Step};
use super::{Decision, Rule};

/// How many buckets are kept; past it full ones are forgotten, and if there are none the request is let through.
const CAPACITY: usize = 100_000;
/// How often it is worth looking for full ones, in microseconds.
const BETWEEN_SWEEPS: i64 = 1_000_000;

/// The same limits, kept in this process: what stands in for Redis while it is away.
///
/// It goes on from what Redis said last, and Redis is told afterwards what was taken here. So a Redis that is late for
/// a moment gives nobody a second bucket.
pub(crate) struct LocalLimiter {
    start: Instant,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    by_key: HashMap<String, Bucket>,
    swept: i64,
}

/// When the bucket will be full again: in truth, and as far as Redis has heard. What lies between is the debt.
#[derive(Clone, Copy)]
struct Bucket {
    full_at: i64,
    heard: i64,
}

impl Bucket {
    fn new(now: i64) -> Self {
        Self { full_at: now, heard: now }
    }

    /// The bucket once it is full only at `full_at`.
    fn fill(self, full_at: i64, told: bool, now: i64) -> Self {
        let taken = full_at - self.full_at.max(now);
        Self { full_at, heard: if told { self.heard.max(now) + taken } else { self.heard } }
    }

    fn debt(&self, now: i64) -> i64 {
        (self.full_at.max(now) - self.heard.max(now)).max(0)
    }
}

impl Default for LocalLimiter {
    fn default() -> Self {
        Self { start: Instant::now(), buckets: Mutex::default() }
    }
}

impl LocalLimiter {
    /// Microseconds since this began.
    pub(crate) fn now(&self) -> i64 {
        i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// Takes from all buckets or from none. `told` says that Redis was asked to do the same.
    pub(crate) fn take(&self, rules: &[Rule], told: bool) -> Vec<Decision> {
        let now = self.now();
        let mut buckets = self.lock();
        let steps: Vec<Step> =
            rules.iter().map(|rule| Step::of(rule, buckets.get(&rule.key, now).full_at, now)).collect();
        let fits = rules.iter().zip(&steps).all(|(rule, step)| step.fits(rule));
        let decide = |(rule, step): (&Rule, &Step)| {
            if fits {
                let bucket = buckets.get(&rule.key, now);
                buckets.put(&rule.key, bucket.fill(now + step.after, told, now), now);
            }
            let wait = if step.fits(rule) { -1 } else { step.after - gcra::capacity(rule.quota) };
            gcra::decision(rule, &[wait, if fits { step.after } else { step.backlog }])
        };
        rules.iter().zip(&steps).map(decide).collect()
    }

    /// What Redis has not heard of, in tokens. The caller tells it, and then says with [`Self::heard`] or
    /// [`Self::unheard`] how that went; meanwhile nobody else does.
    pub(crate) fn debts(&self, rules: &[Rule]) -> Vec<u32> {
        let now = self.now();
        let mut buckets = self.lock();
        let claim = |rule: &Rule| {
            let bucket = buckets.by_key.get_mut(&rule.key)?;
            let debt = bucket.debt(now);
            bucket.heard = bucket.full_at;
            // Up to the next token: what came back of it meanwhile is too little for a request.
            u32::try_from((debt + rule.quota.interval() - 1) / rule.quota.interval()).ok()
        };
        rules.iter().map(claim).map(Option::unwrap_or_default).collect()
    }

    /// Redis was not told: it still has to be.
    pub(crate) fn unheard(&self, rules: &[Rule], debts: &[u32]) {
        let mut buckets = self.lock();
        for (rule, debt) in rules.iter().zip(debts) {
            if let Some(bucket) = buckets.by_key.get_mut(&rule.key) {
                bucket.heard -= rule.quota.interval().saturating_mul((*debt).into());
            }
        }
    }

    /// What Redis said of its buckets to a question asked at `asked`. It heard of the debts if it took at all.
    pub(crate) fn heard(&self, rules: &[Rule], debts: &[u32], decisions: &[Decision], asked: i64) {
        let taken = decisions.iter().all(|decision| decision.allowed);
        if !taken {
            self.unheard(rules, debts);
        }
        let now = self.now();
        let mut buckets = self.lock();
        for (rule, decision) in rules.iter().zip(decisions) {
            let debt = buckets.get(&rule.key, now).debt(now);
            // Counted from the question, not from the answer: rather a little early than too late.
            let heard = asked + i64::try_from(decision.reset_after.as_micros()).unwrap_or(0);
            buckets.put(&rule.key, Bucket { full_at: heard + debt, heard }, now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buckets {
    fn get(&self, key: &str, now: i64) -> Bucket {
        self.by_key.get(key).copied().unwrap_or(Bucket::new(now))
    }

    fn put(&mut self, key: &str, bucket: Bucket, now: i64) {
        if let Some(known) = self.by_key.get_mut(key) {
            *known = bucket;
            return;
        }
        if self.by_key.len() >= CAPACITY && now - self.swept >= BETWEEN_SWEEPS {
            self.swept = now;
            self.by_key.retain(|_, bucket| bucket.full_at > now);
        }
        if self.by_key.len() < CAPACITY {
            self.by_key.insert(key.to_owned(), bucket);
        }
    }
}
