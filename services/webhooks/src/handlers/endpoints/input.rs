//! What people send about an endpoint, parsed: everything that is wrong with it at once.

use url::Url;
use witan_egress::EgressError;
use witan_web::Violations;

use crate::app::App;
use crate::catalogue::public_types;
use crate::custom_headers::{self, CustomHeaders, HeaderFault};
use crate::domain::pattern::Pattern;

const MAX_PATTERNS: usize = 50;
/// A week.
const MAX_WAIT: i32 = 7 * 24 * 3600;

/// A URL that may be called, by its form and by the addresses that its name has now.
pub(super) async fn url(app: &App, violations: &mut Violations, text: &str) -> Option<Url> {
    let url = violations.parse("/url", Url::parse(text).map_err(|_| "must be an absolute https URL"))?;
    match app.guarded.check_address(&url).await {
        Ok(()) => Some(url),
        Err(error) => {
            let code = match error {
                EgressError::Blocked => "validation.blocked_address",
                _ => "validation.url",
            };
            violations.push("/url", code, error.to_string());
            None
        }
    }
}

/// No more than any endpoint may have.
pub(super) fn concurrency(app: &App, violations: &mut Violations, given: Option<i32>) -> Option<i32> {
    let most = app.config.per_endpoint;
    if given.is_some_and(|given| usize::try_from(given).is_ok_and(|given| given > most)) {
        violations.push("/maxConcurrency", "validation.range", format!("must be {most} at most here"));
    }
    given
}

/// Waits that a schedule may have.
pub(super) fn retry_schedule(violations: &mut Violations, given: Option<Vec<i32>>) -> Option<Vec<i32>> {
    for (at, wait) in given.iter().flatten().enumerate() {
        if !(1..=MAX_WAIT).contains(wait) {
            let message = format!("must be 1 to {MAX_WAIT} seconds");
            violations.push(format!("/retrySchedule/{at}"), "validation.range", message);
        }
    }
    given
}

/// Patterns without repetition, each of which can match something.
pub(super) fn events(violations: &mut Violations, texts: &[String]) -> Option<Vec<String>> {
    if texts.is_empty() || texts.len() > MAX_PATTERNS {
        violations.push("/events", "validation.size", format!("must have 1 to {MAX_PATTERNS} patterns"));
        return None;
    }
    let mut patterns: Vec<Pattern> = texts
        .iter()
        .enumerate()
        .filter_map(|(at, text)| violations.parse(format!("/events/{at}"), parse(text)))
        .collect();
    patterns.sort();
    patterns.dedup();
    Some(patterns.into_iter().map(Pattern::into_string).collect())
}

fn parse(text: &str) -> Result<Pattern, String> {
    let pattern = Pattern::parse(text).map_err(|error| error.to_string())?;
    match pattern.exact() {
        // A type nobody publishes is a slip of the pen that would never be noticed.
        Some(exact) if !public_types().contains(&exact) => {
            Err("there is no event of this type; see /api/v1/webhooks/event-types".to_owned())
        }
        _ => Ok(pattern),
    }
}

/// Headers that do not touch ours.
pub(super) fn headers(violations: &mut Violations, given: CustomHeaders) -> Option<CustomHeaders> {
    let faults = custom_headers::faults(&given);
    for fault in &faults {
        match fault {
            HeaderFault::TooMany => {
                violations.push("/headers", "validation.size", "must be at most 20 headers")
            }
            HeaderFault::Refused(name) => violations.push(
                format!("/headers/{}", name.replace('~', "~0").replace('/', "~1")),
                "validation.header",
                "is reserved, malformed, or longer than 1,024 visible ASCII characters",
            ),
        }
    }
    faults.is_empty().then_some(given)
}
