//! Tokens that were taken from a bucket in advance, so that not every request asks Redis.
//!
//! Only whoever is far below a large limit gets some, and only ones that were really taken: no limit is ever exceeded
//! because of them. What is not used in time is lost to its owner, which is why it is little.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use witan_kv::{Decision, Rule};

/// How many tokens are taken at once at most.
const MOST: u32 = 32;
/// A limit must be this many times what is taken in advance: a limit below 128 is always exact.
const SHARE: u32 = 64;
/// How long they are good for.
const TTL: Duration = Duration::from_secs(2);
const SHARDS: usize = 16;
/// How many owners a shard keeps; past it those whose time is up are dropped.
const CAPACITY: usize = 4096;

#[derive(Default)]
pub(super) struct Prepaid([Mutex<HashMap<String, Stock>>; SHARDS]);

#[derive(Clone, Copy)]
struct Stock {
    left: u32,
    until: Instant,
    /// What Redis said last.
    decision: Decision,
}

impl Prepaid {
    /// Takes one token for each rule, if all of them have one here.
    pub(super) fn take(&self, rules: &[Rule]) -> Option<Vec<Decision>> {
        // One owner at a time: rules of one request belong to different owners, and two locks could meet.
        let now = Instant::now();
        let has = |rule: &Rule| self.with(rule, |stock| stock.left > 0 && now < stock.until);
        if !rules.iter().all(|rule| has(rule).unwrap_or(false)) {
            return None;
        }
        rules.iter().map(|rule| self.with(rule, Stock::take).flatten()).collect()
    }

    /// Raises what the rules cost by what shall be taken in advance.
    pub(super) fn ask_for_more(&self, rules: &mut [Rule]) {
        let half_full =
            |rule: &Rule| self.with(rule, |stock| stock.decision.remaining > rule.quota.burst / 2);
        if rules.iter().all(|rule| half_full(rule).unwrap_or(false)) {
            for rule in rules {
                rule.cost = (rule.quota.burst / SHARE).clamp(1, MOST);
            }
        }
    }

    /// Keeps what was taken in advance, and what is known of the buckets.
    pub(super) fn keep(&self, rules: &[Rule], decisions: &[Decision]) {
        let now = Instant::now();
        let allowed = decisions.iter().all(|decision| decision.allowed);
        for (rule, decision) in rules.iter().zip(decisions) {
            let left = if allowed { rule.cost.saturating_sub(1) } else { 0 };
            let stock = Stock { left, until: now + TTL, decision: *decision };
            let mut shard = self.shard(&rule.key);
            if shard.len() >= CAPACITY {
                shard.retain(|_, stock| now < stock.until);
            }
            if shard.len() < CAPACITY {
                shard.insert(rule.key.clone(), stock);
            }
        }
    }

    fn with<T>(&self, rule: &Rule, f: impl FnOnce(&mut Stock) -> T) -> Option<T> {
        self.shard(&rule.key).get_mut(&rule.key).map(f)
    }

    fn shard(&self, key: &str) -> std::sync::MutexGuard<'_, HashMap<String, Stock>> {
        let sum = key.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        self.0[sum % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stock {
    fn take(&mut self) -> Option<Decision> {
        self.left = self.left.checked_sub(1)?;
        Some(Decision { remaining: self.decision.remaining.saturating_add(self.left), ..self.decision })
    }
}
