use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::gcra::{self, Step};
use super::{Decision, Rule};

/// How many buckets are kept; past it full ones are forgotten, and if there are none the request is let through.
const CAPACITY: usize = 100_000;

/// The same limits, kept in this process: what stands in for Redis while it is away.
pub(crate) struct LocalLimiter {
    start: Instant,
    full_at: Mutex<HashMap<String, i64>>,
}

impl Default for LocalLimiter {
    fn default() -> Self {
        Self { start: Instant::now(), full_at: Mutex::default() }
    }
}

impl LocalLimiter {
    pub(crate) fn take(&self, rules: &[Rule]) -> Vec<Decision> {
        let now = i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX);
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let steps: Vec<Step> = rules
            .iter()
            .map(|rule| Step::of(rule, buckets.get(&rule.key).copied().unwrap_or(now), now))
            .collect();
        let fits = rules.iter().zip(&steps).all(|(rule, step)| step.fits(rule));
        if fits {
            make_room(&mut buckets, rules.len(), now);
        }
        let decide = |(rule, step): (&Rule, &Step)| {
            if fits && buckets.len() < CAPACITY {
                buckets.insert(rule.key.clone(), now + step.after);
            }
            let wait = if step.fits(rule) { -1 } else { step.after - gcra::capacity(rule.quota) };
            gcra::decision(rule, &[wait, if fits { step.after } else { step.backlog }])
        };
        rules.iter().zip(&steps).map(decide).collect()
    }
}

fn make_room(buckets: &mut HashMap<String, i64>, wanted: usize, now: i64) {
    if buckets.len() + wanted > CAPACITY {
        buckets.retain(|_, full_at| *full_at > now);
    }
}
