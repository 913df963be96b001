use std::time::Duration;

use witan_config::Reader;

use crate::domain::schedule::{self, Schedule};

/// How deliveries are made.
#[derive(Debug, Clone)]
pub struct WebhooksConfig {
    /// Waits between attempts.
    pub(crate) schedule: Schedule,
    /// Over connecting, sending and reading the answer.
    pub(crate) timeout: Duration,
    /// Deliveries at a time, in this process.
    pub(crate) workers: usize,
    /// Deliveries at a time to one endpoint, in this process.
    pub(crate) per_endpoint: usize,
    /// How long an endpoint may fail without one success before it is disabled.
    pub(crate) disable_after: Duration,
    /// Endpoints of one workspace.
    pub(crate) max_endpoints: i64,
}

const TIMEOUT: Duration = Duration::from_secs(15);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(30);
const DISABLE_AFTER: Duration = Duration::from_secs(5 * 24 * 3600);

impl WebhooksConfig {
    pub(crate) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let default: Option<Schedule> = schedule::DEFAULT.parse().ok();
        let schedule = r.or("WEBHOOKS_SCHEDULE", default?);
        let timeout = r.duration("WEBHOOKS_TIMEOUT", TIMEOUT);
        let workers = r.or("WEBHOOKS_WORKERS", 64);
        let per_endpoint = r.or("WEBHOOKS_PER_ENDPOINT", 8);
        let disable_after = r.duration("WEBHOOKS_DISABLE_AFTER", DISABLE_AFTER);
        let max_endpoints = r.or("WEBHOOKS_MAX_ENDPOINTS", 100);
        // A job's lease must outlive an attempt.
        if timeout.is_some_and(|timeout| timeout > LONGEST_TIMEOUT || timeout.is_zero()) {
            return r.mistake("WEBHOOKS_TIMEOUT", "must be between 1ms and 30s");
        }
        if workers == Some(0) || per_endpoint == Some(0) {
            return r.mistake("WEBHOOKS_WORKERS", "must be at least 1, as WEBHOOKS_PER_ENDPOINT must");
        }
        Some(Self {
            schedule: schedule?,
            timeout: timeout?,
            workers: workers?,
            per_endpoint: per_endpoint?,
            disable_after: disable_after?,
            max_endpoints: max_endpoints?,
        })
    }
}
