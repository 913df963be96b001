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
    /// How long messages are kept, with their deliveries and attempts.
    pub(crate) keep: Duration,
    /// Endpoints of one workspace.
    pub(crate) max_endpoints: i64,
    /// Who we are when we ask receivers whether they agree.
    pub(crate) origin: String,
}

const PUBLIC_URL: &str = "http://127.0.0.1:8080";
const TIMEOUT: Duration = Duration::from_secs(15);
const LONGEST_TIMEOUT: Duration = Duration::from_secs(30);
const KEEP: Duration = Duration::from_secs(30 * 24 * 3600);
/// Longer than any schedule lasts.
const SHORTEST_KEEP: Duration = Duration::from_secs(7 * 24 * 3600);
/// Days are partitions: who looks into all of them takes a lock on each, of which PostgreSQL has a few thousand.
const LONGEST_KEEP: Duration = Duration::from_secs(90 * 24 * 3600);
const DISABLE_AFTER: Duration = Duration::from_secs(5 * 24 * 3600);

impl WebhooksConfig {
    pub(crate) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let default: Option<Schedule> = schedule::DEFAULT.parse().ok();
        let schedule = r.or("WEBHOOKS_SCHEDULE", default?);
        let timeout = r.duration("WEBHOOKS_TIMEOUT", TIMEOUT);
        let workers = r.or("WEBHOOKS_WORKERS", 64);
        let per_endpoint = r.or("WEBHOOKS_PER_ENDPOINT", 8);
        let disable_after = r.duration("WEBHOOKS_DISABLE_AFTER", DISABLE_AFTER);
        let keep = r.duration("WEBHOOKS_KEEP", KEEP);
        let max_endpoints = r.or("WEBHOOKS_MAX_ENDPOINTS", 100);
        let origin = read_origin(r);
        // A job's lease must outlive an attempt.
        if timeout.is_some_and(|timeout| timeout > LONGEST_TIMEOUT || timeout.is_zero()) {
            return r.mistake("WEBHOOKS_TIMEOUT", "must be between 1ms and 30s");
        }
        if keep.is_some_and(|keep| !(SHORTEST_KEEP..=LONGEST_KEEP).contains(&keep)) {
            return r.mistake("WEBHOOKS_KEEP", "must be between 7d and 90d");
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
            keep: keep?,
            max_endpoints: max_endpoints?,
            origin: origin?,
        })
    }
}

/// The host of the public URL where not set.
fn read_origin(r: &mut Reader<'_>) -> Option<String> {
    const NAME: &str = "WEBHOOKS_ORIGIN";
    let public = r.url_or_dev("WITAN_PUBLIC_URL", PUBLIC_URL)?;
    let origin = r.optional::<String>(NAME)?.or_else(|| public.host_str().map(str::to_owned))?;
    if origin.is_empty() || !origin.bytes().all(|byte| byte.is_ascii_graphic()) {
        return r.mistake(NAME, "must be a domain such as `witan.example`");
    }
    Some(origin)
}
