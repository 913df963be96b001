use std::time::Duration;

use super::{Decision, Quota, Rule};

/// One step on a bucket: how long it takes until it is full, in microseconds, before and after.
pub(super) struct Step {
    pub(super) backlog: i64,
    pub(super) after: i64,
}

impl Step {
    /// What taking `rule.cost` at `now` would do to the bucket whose theoretical arrival time is `arrival`.
    pub(super) fn of(rule: &Rule, arrival: i64, now: i64) -> Self {
        let backlog = (arrival - now).max(0);
        Self {
            backlog,
            after: backlog.saturating_add(rule.quota.interval().saturating_mul(rule.cost.into())),
        }
    }

    pub(super) fn fits(&self, rule: &Rule) -> bool {
        self.after <= capacity(rule.quota)
    }
}

/// The decision from what the script answers: microseconds to wait (negative when it need not) and the backlog.
pub(super) fn decision(rule: &Rule, answer: &[i64]) -> Decision {
    let wait = answer.first().copied().unwrap_or(-1);
    let backlog = answer.get(1).copied().unwrap_or(0);
    let left = (capacity(rule.quota) - backlog).max(0) / rule.quota.interval();
    Decision {
        allowed: wait < 0,
        limit: rule.quota.burst,
        remaining: u32::try_from(left).unwrap_or(u32::MAX).min(rule.quota.burst),
        reset_after: micros(backlog),
        retry_after: micros(wait.max(0)),
    }
}

/// A bucket that nobody has taken from.
pub(super) fn untouched(quota: Quota) -> Decision {
    Decision {
        allowed: true,
        limit: quota.burst,
        remaining: quota.burst,
        reset_after: Duration::ZERO,
        retry_after: Duration::ZERO,
    }
}

/// The longest backlog a bucket may have.
pub(super) fn capacity(quota: Quota) -> i64 {
    quota.interval().saturating_mul(quota.burst.into())
}

fn micros(count: i64) -> Duration {
    Duration::from_micros(u64::try_from(count).unwrap_or(0))
}
