//! Rate limits of requests: per user where one is known, otherwise per address, by route class.

mod prepaid;

use std::fmt::Write;
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use witan_ids::UserId;
use witan_kv::{Decision, Kv, Quota, Rule};

use self::prepaid::Prepaid;
use super::address::bucket;
use crate::edge::context::RequestContext;
use crate::routes::access::RateClass;
use crate::{Limits, Problem, codes};

pub(super) const POLICY_HEADER: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(super) const STATE_HEADER: HeaderName = HeaderName::from_static("ratelimit");

pub(crate) struct Limiter {
    kv: Kv,
    group: String,
    general: Class,
    api: Class,
    auth: Class,
    prepaid: Prepaid,
}

/// The limits of a route class, and how they are announced.
struct Class {
    policies: Vec<Policy>,
    announced: HeaderValue,
}

struct Policy {
    name: &'static str,
    quota: Quota,
    /// Whose bucket it is even when the user is known.
    by_address: bool,
}

impl Limiter {
    pub(crate) fn new(kv: Kv, service: &str, limits: Limits) -> Self {
        let general = || Policy { name: "general", quota: limits.general, by_address: false };
        let api = Policy { name: "api", quota: limits.api, by_address: false };
        let auth = Policy { name: "auth", quota: limits.auth, by_address: true };
        Self {
            kv,
            group: format!("{service}:limits"),
            general: Class::of(vec![general()]),
            api: Class::of(vec![general(), api]),
            auth: Class::of(vec![general(), auth]),
            prepaid: Prepaid::default(),
        }
    }

    /// Lets a request through, or says when to come back. Either way the context learns what the answer shall say.
    pub(crate) async fn check(
        &self,
        class: RateClass,
        context: &RequestContext,
        user: Option<UserId>,
    ) -> Result<(), Problem> {
        let class = match class {
            RateClass::General => &self.general,
            RateClass::Api => &self.api,
            RateClass::Auth => &self.auth,
        };
        let mut rules = class.rules(context, user);
        let decisions = match self.prepaid.take(&rules) {
            Some(decisions) => decisions,
            None => {
                self.prepaid.ask_for_more(&mut rules);
                let decisions = self.kv.limit_all(&self.group, &rules).await;
                self.prepaid.keep(&rules, &decisions);
                decisions
            }
        };
        context.limits.replace(class.announce(&decisions));
        let refused = decisions.iter().filter(|decision| !decision.allowed);
        match refused.map(|decision| decision.retry_after).max() {
            None => Ok(()),
            Some(wait) => Err(Problem::new(&codes::RATE_LIMITED).retry_after(wait)),
        }
    }
}

impl Class {
    fn of(policies: Vec<Policy>) -> Self {
        let texts: Vec<String> = policies.iter().map(Policy::announcement).collect();
        // Names and numbers only.
        let announced = HeaderValue::from_str(&texts.join(", ")).unwrap_or(HeaderValue::from_static(""));
        Self { policies, announced }
    }

    fn rules(&self, context: &RequestContext, user: Option<UserId>) -> Vec<Rule> {
        let rule = |policy: &Policy| Rule { key: policy.key(context, user), quota: policy.quota, cost: 1 };
        self.policies.iter().map(rule).collect()
    }

    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    fn announce(&self, decisions: &[Decision]) -> Option<(HeaderValue, HeaderValue)> {
        let mut state = String::with_capacity(64);
        for (policy, decision) in self.policies.iter().zip(decisions) {
            let separator = if state.is_empty() { "" } else { ", " };
            let reset = seconds(decision.reset_after);
            // Writing to a string cannot fail.
            let _ = write!(state, "{separator}\"{}\";r={};t={reset}", policy.name, decision.remaining);
        }
        Some((self.announced.clone(), HeaderValue::try_from(state).ok()?))
    }
}

impl Policy {
    fn announcement(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.quota.burst, seconds(self.quota.per))
    }

    fn key(&self, context: &RequestContext, user: Option<UserId>) -> String {
        match (user, context.client) {
            (Some(user), _) if !self.by_address => format!("{}:{user}", self.name),
            (_, Some(address)) => format!("{}:{}", self.name, bucket(address)),
            (_, None) => format!("{}:unknown", self.name),
        }
    }
}

/// Whole seconds, rounded up: whoever comes back then is not refused again.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
