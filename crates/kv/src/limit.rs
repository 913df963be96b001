//! Rate limits by GCRA, the generic cell rate algorithm (ITU-T I.371): a bucket that refills steadily, kept as one
//! number, the theoretical arrival time of the next request that is on schedule.

mod gcra;
pub(crate) mod local;

use std::sync::LazyLock;
use std::time::Duration;

use deadpool_redis::redis::Script;

use crate::{Kv, KvError};

static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("limit/gcra.lua")));

/// How often something may happen: `burst` times at once, and as many again in each `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The size of the bucket.
    pub burst: u32,
    /// How long an empty bucket takes to fill.
    pub per: Duration,
}

impl Quota {
    /// `burst` times per minute.
    pub const fn per_minute(burst: u32) -> Self {
        Self { burst, per: Duration::from_secs(60) }
    }

    /// Microseconds in which one token comes back, at least one.
    fn interval(&self) -> i64 {
        let micros = i64::try_from(self.per.as_micros()).unwrap_or(i64::MAX);
        (micros / i64::from(self.burst.max(1))).max(1)
    }
}

/// One limit that a request is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Whose bucket, such as `ip:203.0.113.7`.
    pub key: String,
    /// How large it is.
    pub quota: Quota,
    /// How much of it the request takes.
    pub cost: u32,
}

/// What a limit says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request may go on.
    pub allowed: bool,
    /// The size of the bucket.
    pub limit: u32,
    /// What is left in it.
    pub remaining: u32,
    /// How long until it is full again.
    pub reset_after: Duration,
    /// How long to wait before the next try, when it was not allowed.
    pub retry_after: Duration,
}

impl Kv {
    /// Takes one from the bucket of `key`. Never fails: without Redis a bucket of this process is used.
    pub async fn limit(&self, key: &str, quota: Quota) -> Decision {
        let rule = Rule { key: key.to_owned(), quota, cost: 1 };
        self.limit_all(key, &[rule]).await.into_iter().next().unwrap_or_else(|| gcra::untouched(quota))
    }

    /// Holds a request against several limits in one round trip, in order. It takes from all buckets or, when one of
    /// them has not enough, from none.
    ///
    /// `group` names what the buckets have in common: in a cluster they lie on one node.
    pub async fn limit_all(&self, group: &str, rules: &[Rule]) -> Vec<Decision> {
        let (local, asked) = (&self.0.local, self.0.local.now());
        let debts = local.debts(rules);
        match self.limit_shared(group, rules, &debts).await {
            Ok(decisions) => {
                local.heard(rules, &debts, &decisions, asked);
                decisions
            }
            Err(error) => {
                tracing::debug!(%error, "limiting locally");
                // A Redis that is late has been asked, and will do it. To take it again would refuse people too early.
                let told = matches!(error, KvError::Late);
                if !told {
                    local.unheard(rules, &debts);
                }
                local.take(rules, told)
            }
        }
    }

    /// Takes what the rules cost, and what was taken while Redis was away.
    async fn limit_shared(
        &self,
        group: &str,
        rules: &[Rule],
        debts: &[u32],
    ) -> Result<Vec<Decision>, KvError> {
        let mut call = SCRIPT.prepare_invoke();
        for (rule, debt) in rules.iter().zip(debts) {
            call.key(self.key(group, &format!("limit:{}", rule.key)));
            call.arg(rule.quota.interval()).arg(rule.quota.burst).arg(rule.cost.saturating_add(*debt));
        }
        let flat: Vec<i64> = self.0.link.run(async |connection| call.invoke_async(connection).await).await?;
        Ok(rules.iter().zip(flat.chunks(2)).map(|(rule, answer)| gcra::decision(rule, answer)).collect())
    }
}
